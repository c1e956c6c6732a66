//! A person's identity on its way to another of their devices: `https://HOST/#identity=<secret>`. Browsers do not
//! send what is behind the `#`.

use std::fmt;

use serde::{Deserialize, Serialize};
use wire_protocol::pasted::{DamagedIdentity, find_identity, identity_link};

/// Whoever has these bytes is the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IdentitySecret([u8; 32]);

impl IdentitySecret {
    /// Of an identity's seed.
    pub fn new(seed: [u8; 32]) -> Self {
        Self(seed)
    }

    /// The identity's seed.
    pub fn seed(&self) -> [u8; 32] {
        self.0
    }

    /// What is opened on the other device. `origin`: `https://share.example`
    pub fn link(&self, origin: &str) -> String {
        identity_link(origin, &self.0)
    }
}

/// Without the secret.
impl fmt::Debug for IdentitySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentitySecret(..)")
    }
}

/// The identity in what stands in the address bar, or was pasted. `None`: it is about something else.
pub fn read(text: &str) -> Option<Result<IdentitySecret, DamagedIdentity>> {
    find_identity(text).map(|seed| seed.map(IdentitySecret))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_secret_back_and_keeps_it_behind_the_hash() {
        let secret = IdentitySecret::new([0xfe; 32]);
        let link = secret.link("https://share.example");
        let (sent, _) = link.split_once('#').expect("it has a fragment");
        assert_eq!(sent, "https://share.example/");
        assert_eq!(read(&link), Some(Ok(secret)));
    }

    #[test]
    fn a_link_that_was_cut_off_is_damaged_and_other_fragments_are_none_of_its_business() {
        let link = IdentitySecret::new([1; 32]).link("");
        let fragment = &link[link.find('#').unwrap_or_default()..];
        assert_eq!(read(&fragment[..fragment.len() - 1]), Some(Err(DamagedIdentity)));
        assert_eq!(read("#identity="), Some(Err(DamagedIdentity)));
        assert_eq!(read("#AAAAAAAAAAAAAAAAAAAAAA"), None);
    }

    #[test]
    fn the_secret_is_not_shown_by_accident() {
        assert_eq!(format!("{:?}", IdentitySecret::new([1; 32])), "IdentitySecret(..)");
    }
}
