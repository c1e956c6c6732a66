//! What lets a member's ordinary BitTorrent client announce in a group.

use std::fmt;

use data_encoding::HEXLOWER;
use serde::{Deserialize, Serialize};

/// A member's secret for one group, the last part of an announce URL. Whoever has it sees who shares the group's files, so it is
/// shown to nobody but its member, logs included.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passkey(pub [u8; 16]);

impl Passkey {
    /// As it stands in a URL: 32 hexadecimal digits, small.
    pub fn in_url(&self) -> String {
        HEXLOWER.encode(&self.0)
    }

    /// Reads what [`Passkey::in_url`] writes, and nothing else.
    pub fn from_url(text: &str) -> Option<Self> {
        HEXLOWER.decode(text.as_bytes()).ok()?.try_into().ok().map(Self)
    }
}

impl fmt::Debug for Passkey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passkey(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passkey_is_read_as_it_is_written_and_not_shown_otherwise() {
        let passkey = Passkey([0xab; 16]);
        assert_eq!(Passkey::from_url(&passkey.in_url()), Some(passkey));
        for text in ["", "ab", &"AB".repeat(16), &"ab".repeat(17), &"zz".repeat(16)] {
            assert_eq!(Passkey::from_url(text), None, "{text}");
        }
        assert_eq!(format!("{passkey:?}"), "Passkey(…)");
    }
}
