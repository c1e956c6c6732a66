//! What program a peer runs, as its peer id says (BEP 20).

use crate::ids::PeerId;
use crate::text::display_text;

/// Codes of Azureus-style ids, and how many digits the program writes of its version, with the last one or two together.
const KNOWN: [(&[u8], &str, Version); 14] = [
    (b"AZ", "Vuze", Version::Dots(4)),
    (b"BC", "BitComet", Version::Dots(2)),
    (b"BI", "BiglyBT", Version::Dots(4)),
    (b"BT", "BitTorrent", Version::Dots(3)),
    (b"CV", "Covey", Version::Dots(3)),
    (b"DE", "Deluge", Version::Dots(3)),
    (b"KT", "KTorrent", Version::Dots(3)),
    (b"LT", "libtorrent", Version::Dots(3)),
    (b"TR", "Transmission", Version::Transmission),
    (b"UT", "µTorrent", Version::Dots(3)),
    (b"WW", "WebTorrent", Version::Dots(4)),
    (b"lt", "rTorrent", Version::Dots(3)),
    (b"qB", "qBittorrent", Version::Dots(3)),
    (b"TX", "Tixati", Version::Dots(2)),
];

#[derive(Clone, Copy)]
enum Version {
    /// So many numbers of one digit each.
    Dots(usize),
    /// `-TR3000-` is 3.00, `-TR4060-` is 4.0.6.
    Transmission,
}

/// The program of a peer: `Transmission 3.00`, `qBittorrent 4.5.2`; of one that is not known the 8 characters of its code. Safe to
/// show, at most `chars_max` characters.
pub fn client_of(peer: &PeerId, chars_max: usize) -> String {
    let known = azureus(&peer.0).unwrap_or_else(|| peer.0[..8].escape_ascii().to_string());
    display_text(&known, chars_max)
}

fn azureus(id: &[u8; 20]) -> Option<String> {
    let [b'-', code @ .., b'-'] = &id[..8] else { return None };
    let (code, version) = code.split_at(2);
    let (_, name, form) = KNOWN.iter().find(|(known, ..)| *known == code)?;
    let digits: Vec<u32> = version.iter().map(|digit| char::from(*digit).to_digit(36)).collect::<Option<_>>()?;
    let version = match form {
        Version::Dots(count) => digits.iter().take(*count).map(ToString::to_string).collect::<Vec<_>>().join("."),
        Version::Transmission if digits[0] < 4 => format!("{}.{}{}", digits[0], digits[1], digits[2]),
        Version::Transmission => format!("{}.{}.{}", digits[0], digits[1], digits[2]),
    };
    Some(format!("{name} {version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clients_are_called_by_their_names_and_strangers_by_their_code() {
        let client = |code: &[u8]| {
            let mut id = [b'x'; 20];
            id[..code.len()].copy_from_slice(code);
            client_of(&PeerId(id), 64)
        };
        assert_eq!(client(b"-TR3000-"), "Transmission 3.00");
        assert_eq!(client(b"-TR4060-"), "Transmission 4.0.6");
        assert_eq!(client(b"-qB4520-"), "qBittorrent 4.5.2");
        assert_eq!(client(b"-qB45A0-"), "qBittorrent 4.5.10");
        assert_eq!(client(b"-lt0D80-"), "rTorrent 0.13.8");
        assert_eq!(client(b"-ZZ1234-"), "-ZZ1234-");
        assert_eq!(client(b"M7-9-2--"), "M7-9-2--");
        assert_eq!(client(b"-TR\xff\x1b[2-"), r"-TR\xff\x1b[2-");
    }
}
