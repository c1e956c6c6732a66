//! Tokens that admit to relay links.

use ed25519_dalek::{Signer, SigningKey};
use wire_protocol::link::{LinkToken, TOKEN_LEN_MAX, TokenError};

use crate::samples::link_token;

fn key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

#[test]
fn a_token_is_good_until_it_expires_and_for_its_tracker_only() {
    let token = link_token();
    let sealed = token.seal(&key(1));
    let open = |seed: u8, now_ms: u64| LinkToken::open(&sealed, &key(seed).verifying_key(), now_ms);
    assert_eq!(open(1, token.expires_at_ms), Ok(token.clone()));
    assert_eq!(open(1, token.expires_at_ms + 1), Err(TokenError::Expired));
    assert_eq!(open(2, 0), Err(TokenError::BadSignature));
    assert!(sealed.len() <= TOKEN_LEN_MAX);
}

#[test]
fn what_is_not_a_token_is_refused_before_any_signature_is_checked() {
    let verifying = key(1).verifying_key();
    let open = |bytes: &[u8]| LinkToken::open(bytes, &verifying, 0);
    assert_eq!(open(&[]), Err(TokenError::Malformed));
    assert_eq!(open(&[1; 65]), Err(TokenError::Malformed));
    assert_eq!(open(&[1; TOKEN_LEN_MAX + 1]), Err(TokenError::Malformed));
    assert_eq!(open(&[1; 100]), Err(TokenError::UnknownVersion));
    assert_eq!(open(&[2; 100]), Err(TokenError::BadSignature));
}

#[test]
fn a_signature_by_the_right_key_over_something_else_admits_nobody() {
    let sealed = link_token().seal(&key(1));
    let body = &sealed[65..];
    let without_domain = [&[2], &key(1).sign(body).to_bytes()[..], body].concat();
    assert_eq!(LinkToken::open(&without_domain, &key(1).verifying_key(), 0), Err(TokenError::BadSignature));
    let longer = [body, &[0]].concat();
    let signed = [b"covey link token v2\0", &longer[..]].concat();
    let trailing = [&[2], &key(1).sign(&signed).to_bytes()[..], &longer].concat();
    assert_eq!(LinkToken::open(&trailing, &key(1).verifying_key(), 0), Err(TokenError::Malformed));
}
