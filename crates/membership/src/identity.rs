//! Who a person is: an Ed25519 key.

use ed25519_dalek::{Signer, SigningKey};
use wire_protocol::control::{Hello, login_digest};
use wire_protocol::ids::{MemberKey, Signature};

/// A person's secret key. Its bytes are wiped from memory when it is dropped.
#[derive(Clone)]
pub struct Identity {
    signing: SigningKey,
}

impl Identity {
    /// From 32 secret bytes: fresh from the system's own randomness for a new person, or kept from last time.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self { signing: SigningKey::from_bytes(&seed) }
    }

    /// The 32 secret bytes, to be kept where only this person can read them.
    pub fn seed(&self) -> [u8; 32] {
        self.signing.to_bytes()
    }

    /// What everybody knows this person by.
    pub fn key(&self) -> MemberKey {
        MemberKey(self.signing.verifying_key().to_bytes())
    }

    /// Answers a tracker's `Hello`. `dialled_host` is the host of the URL that was dialled, not what the
    /// tracker calls itself: a rogue tracker cannot pass the signature on to the real one.
    pub fn sign_login(&self, hello: &Hello, dialled_host: &str) -> Signature {
        self.signing.sign(&login_digest(hello, dialled_host, &self.key())).to_bytes().into()
    }
}

/// Without the secret.
impl std::fmt::Debug for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Identity({})", self.key().short())
    }
}

#[cfg(test)]
mod tests {
    use ed25519_dalek::VerifyingKey;

    use super::*;

    #[test]
    fn a_login_is_good_for_its_host_and_nonce_only() {
        let identity = Identity::from_seed([7; 32]);
        let hello = Hello { server_key: [1; 32], nonce: [2; 32], time_ms: 0 };
        let signature: [u8; 64] = identity.sign_login(&hello, "share.example").into();
        let verifying = VerifyingKey::from_bytes(&identity.key().0).unwrap();
        let is_good = |hello: &Hello, host: &str| {
            verifying.verify_strict(&login_digest(hello, host, &identity.key()), &signature.into()).is_ok()
        };
        assert!(is_good(&hello, "share.example"));
        assert!(!is_good(&hello, "rogue.example"));
        assert!(!is_good(&Hello { nonce: [3; 32], ..hello.clone() }, "share.example"));
        assert!(!is_good(&Hello { server_key: [3; 32], ..hello.clone() }, "share.example"));
    }

    #[test]
    fn an_identity_survives_being_kept_and_does_not_show_its_secret() {
        let identity = Identity::from_seed([9; 32]);
        assert_eq!(Identity::from_seed(identity.seed()).key(), identity.key());
        assert!(!format!("{identity:?}").contains("0909"));
    }
}
