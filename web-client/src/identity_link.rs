//! A person's identity on its way to another of their devices: `https://HOST/#identity=<secret>`. Browsers do not
//! send what is behind the `#`.

use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use serde::{Deserialize, Serialize};

const FRAGMENT: &str = "identity=";

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
        format!("{origin}/#{FRAGMENT}{}", BASE64URL_NOPAD.encode(&self.0))
    }
}

/// Without the secret.
impl fmt::Debug for IdentitySecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("IdentitySecret(..)")
    }
}

/// The link is not whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("The link is damaged: the part after # is not whole. Copy the whole link again on your other device.")]
pub struct DamagedIdentity;

/// Reads an address's fragment. `None`: it is about something else.
pub fn read_fragment(fragment: &str) -> Option<Result<IdentitySecret, DamagedIdentity>> {
    let text = fragment.trim_start_matches('#').strip_prefix(FRAGMENT)?;
    let seed = BASE64URL_NOPAD.decode(text.trim().as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    Some(seed.map(IdentitySecret).ok_or(DamagedIdentity))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_gives_the_secret_back_and_keeps_it_behind_the_hash() {
        let secret = IdentitySecret::new([0xfe; 32]);
        let link = secret.link("https://share.example");
        let (sent, fragment) = link.split_once('#').expect("it has a fragment");
        assert_eq!(sent, "https://share.example/");
        assert_eq!(read_fragment(fragment), Some(Ok(secret.clone())));
        assert_eq!(read_fragment(&format!("#{fragment}")), Some(Ok(secret)));
    }

    #[test]
    fn a_link_that_was_cut_off_is_damaged_and_other_fragments_are_none_of_its_business() {
        let link = IdentitySecret::new([1; 32]).link("");
        let fragment = &link[link.find('#').unwrap_or_default()..];
        assert_eq!(read_fragment(&fragment[..fragment.len() - 1]), Some(Err(DamagedIdentity)));
        assert_eq!(read_fragment("#identity="), Some(Err(DamagedIdentity)));
        assert_eq!(read_fragment("#AAAAAAAAAAAAAAAAAAAAAA"), None);
    }

    #[test]
    fn the_secret_is_not_shown_by_accident() {
        assert_eq!(format!("{:?}", IdentitySecret::new([1; 32])), "IdentitySecret(..)");
    }
}
