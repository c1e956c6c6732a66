//! The control conversation, link tokens, what people paste, and origins.

use ed25519_dalek::{Signer, SigningKey};
use wire_protocol::control::{
    ORIGIN_LEN_MAX, Origin, decode_from_member, decode_from_tracker, encode_from_member, encode_from_tracker,
};
use wire_protocol::invite::{Invite, is_slug};
use wire_protocol::link::LinkToken;
use wire_protocol::pasted::{find_identity, identity_link};

/// What begins everything that a tracker signs as a link token.
const TOKEN_DOMAIN: &[u8] = b"covey link token v2\0";

/// What the bytes behind the first are taken for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    FromMember,
    FromTracker,
    Token,
    /// A token's body: no mutation finds a signature.
    TokenBody,
    Invite,
    Origin,
}

const KINDS: [Kind; 6] =
    [Kind::FromMember, Kind::FromTracker, Kind::Token, Kind::TokenBody, Kind::Invite, Kind::Origin];

/// Target: what decodes encodes to something that decodes to the same.
pub fn control_messages(data: &[u8]) {
    let Some((kind, bytes)) = data.split_first() else {
        return;
    };
    match KINDS[usize::from(*kind) % KINDS.len()] {
        Kind::FromMember => from_member(bytes),
        Kind::FromTracker => from_tracker(bytes),
        Kind::Token => token(bytes),
        Kind::TokenBody => token(&sealed(bytes)),
        Kind::Invite => invite(bytes),
        Kind::Origin => origin(bytes),
    }
}

fn from_member(bytes: &[u8]) {
    if let Ok(message) = decode_from_member(bytes) {
        let encoded = encode_from_member(&message);
        assert!(encoded.len() <= bytes.len());
        assert_eq!(decode_from_member(&encoded), Ok(message));
    }
}

fn from_tracker(bytes: &[u8]) {
    if let Ok(message) = decode_from_tracker(bytes) {
        let encoded = encode_from_tracker(&message);
        assert!(encoded.len() <= bytes.len());
        assert_eq!(decode_from_tracker(&encoded), Ok(message));
    }
}

fn token(bytes: &[u8]) {
    let key = signing_key();
    if let Ok(token) = LinkToken::open(bytes, &key.verifying_key(), 0) {
        let sealed = token.seal(&key);
        let expires_at_ms = token.expires_at_ms;
        assert_eq!(LinkToken::open(&sealed, &key.verifying_key(), expires_at_ms), Ok(token));
        if let Some(late) = expires_at_ms.checked_add(1) {
            assert!(LinkToken::open(&sealed, &key.verifying_key(), late).is_err());
        }
    }
}

fn invite(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Some(Ok(seed)) = find_identity(&text) {
        assert_eq!(find_identity(&identity_link("https://share.example", &seed)), Some(Ok(seed)));
    }
    if let Ok(invite) = text.parse::<Invite>() {
        assert!(is_slug(invite.slug()) && !invite.server().ends_with('/') && !invite.server().contains('#'));
        let again: Invite = invite.to_string().parse().expect("what was read and written again");
        assert_eq!(again.auth_key(), invite.auth_key());
        assert!(again == invite);
    }
}

/// Has one spelling, which is what is signed.
fn origin(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if let Ok(origin) = text.parse::<Origin>() {
        let spelled = origin.to_string();
        assert!(spelled.len() <= ORIGIN_LEN_MAX && spelled == spelled.to_lowercase());
        assert_eq!(spelled.parse(), Ok(origin));
    }
}

fn signing_key() -> SigningKey {
    SigningKey::from_bytes(&[7; 32])
}

/// A token with this body, as the tracker would sign it.
fn sealed(body: &[u8]) -> Vec<u8> {
    let signature = signing_key().sign(&[TOKEN_DOMAIN, body].concat());
    [&[2], &signature.to_bytes()[..], body].concat()
}

/// An input for the target.
pub(crate) fn seed(kind: Kind, bytes: &[u8]) -> Vec<u8> {
    let kind = KINDS.iter().position(|other| *other == kind).expect("all kinds are listed");
    [&[kind as u8], bytes].concat()
}

/// What [`LinkToken::open`] accepts, and its body.
pub(crate) fn token_seeds(token: &LinkToken) -> [Vec<u8>; 2] {
    let whole = token.seal(&signing_key());
    let body = seed(Kind::TokenBody, &whole[65..]);
    [seed(Kind::Token, &whole), body]
}
