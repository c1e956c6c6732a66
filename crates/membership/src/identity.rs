//! Who a person is: one secret, and from it an Ed25519 key for every server.

use ed25519_dalek::{Signer, SigningKey};
use hkdf::Hkdf;
use sha2::Sha256;
use wire_protocol::control::{Hello, Origin, login_digest};
use wire_protocol::ids::{MemberKey, Signature};
use zeroize::Zeroizing;

/// Begins the HKDF info of a member's key; the origin follows.
const KEY_DOMAIN: &[u8] = b"covey member key v1\0";

/// A person's secret, which no server ever sees anything of. Its bytes are wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Identity {
    seed: Zeroizing<[u8; 32]>,
}

impl Identity {
    /// From 32 secret bytes: fresh from the system's own randomness for a new person, or kept from last time.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { seed: Zeroizing::new(seed) }
    }

    /// The 32 secret bytes, to be kept where only this person can read them.
    pub fn seed(&self) -> [u8; 32] {
        *self.seed
    }

    /// Who this person is at one server: the key whose seed is HKDF-SHA256 of the secret, without a salt,
    /// info = `covey member key v1`, a zero byte and the origin (docs/protocol.md, section 2). Servers cannot
    /// tell that two of their members are one person, and what is signed for one is worthless at another,
    /// whatever that one accepts.
    pub fn for_origin(&self, origin: &Origin) -> MemberIdentity {
        let mut seed = Zeroizing::new([0; 32]);
        Hkdf::<Sha256>::new(None, &*self.seed)
            .expand(&[KEY_DOMAIN, origin.to_string().as_bytes()].concat(), &mut *seed)
            .expect("32 bytes is a valid HKDF-SHA256 length");
        MemberIdentity { signing: SigningKey::from_bytes(&seed), origin: origin.clone() }
    }
}

/// Without the secret, and without anything that two servers could compare.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Identity(..)")
    }
}

/// A person as the members of one server's groups know them.
#[derive(Clone)]
pub struct MemberIdentity {
    signing: SigningKey,
    origin: Origin,
}

impl MemberIdentity {
    /// What everybody at this server knows the person by.
    pub fn key(&self) -> MemberKey {
        MemberKey(self.signing.verifying_key().to_bytes())
    }

    /// What was dialed.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// What the person signs with at this server, for what proves them to other members.
    pub fn signing_key(&self) -> &SigningKey {
        &self.signing
    }

    /// Answers a tracker's `Hello`. Bound is what was dialed, not what the tracker calls itself: a rogue tracker
    /// cannot pass the signature on to the real one.
    pub fn sign_login(&self, hello: &Hello) -> Signature {
        self.signing.sign(&login_digest(hello, &self.origin.to_string(), &self.key())).to_bytes().into()
    }
}

/// Without the secret.
impl std::fmt::Debug for MemberIdentity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemberIdentity({} at {})", self.key().short(), self.origin)
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::*;

    fn at(origin: &str) -> MemberIdentity {
        Identity::from_seed([7; 32]).for_origin(&origin.parse().unwrap())
    }

    #[test]
    fn a_login_is_good_for_its_scheme_host_server_key_and_nonce_only() {
        let identity = at("https://share.example");
        let hello = Hello { server_key: [1; 32], key_id: 1, nonce: [2; 32], time_ms: 0 };
        let signature: [u8; 64] = identity.sign_login(&hello).into();
        let verifying = VerifyingKey::from_bytes(&identity.key().0).unwrap();
        let is_good = |hello: &Hello, origin: &str| {
            verifying.verify_strict(&login_digest(hello, origin, &identity.key()), &signature.into()).is_ok()
        };
        assert!(is_good(&hello, "https://share.example"));
        assert!(!is_good(&hello, "https://rogue.example"));
        assert!(!is_good(&hello, "http://share.example"));
        assert!(!is_good(&Hello { nonce: [3; 32], ..hello.clone() }, "https://share.example"));
        assert!(!is_good(&Hello { server_key: [3; 32], ..hello.clone() }, "https://share.example"));
    }

    #[test]
    fn a_person_is_somebody_else_at_every_server_and_the_same_each_time() {
        let here = at("https://share.example").key();
        for other in ["http://share.example", "https://share.example:8443", "https://rogue.example"] {
            assert_ne!(at(other).key(), here, "{other}");
        }
        assert_eq!(at("HTTPS://Share.Example:443").key(), here, "one origin has one key, however it is spelled");
        let other_person = Identity::from_seed([8; 32]).for_origin(&"https://share.example".parse().unwrap());
        assert_ne!(other_person.key(), here);
    }

    #[test]
    fn an_identity_survives_being_kept_and_does_not_show_its_secret() {
        let identity = Identity::from_seed([9; 32]);
        assert_eq!(Identity::from_seed(identity.seed()).seed(), [9; 32]);
        let member = identity.for_origin(&"https://share.example".parse().unwrap());
        let secret = data_hex(&member.signing.to_bytes());
        for shown in [format!("{identity:?}"), format!("{member:?}")] {
            assert!(!shown.contains("0909") && !shown.contains(&secret[..8]), "{shown}");
        }
    }

    fn data_hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }
}
