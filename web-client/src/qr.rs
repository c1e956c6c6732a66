//! A link as a picture that a phone's camera reads.

use qrcodegen::{QrCode, QrCodeEcc};

/// Light modules around the code, which readers need.
const BORDER: i32 = 4;

/// A QR code as one SVG path of unit squares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qr {
    /// Modules on a side, the border included: the view box.
    pub side: i32,
    /// The dark modules.
    pub path: String,
}

impl Qr {
    /// `None`: the text is longer than a code can hold (about 2 kB).
    pub fn of(text: &str) -> Option<Self> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium).ok()?;
        let rows = (0..code.size()).flat_map(|y| runs(&code, y).into_iter().map(move |(x, len)| (x, y, len)));
        let path = rows.map(|(x, y, len)| format!("M{} {}h{len}v1h-{len}z", x + BORDER, y + BORDER)).collect();
        Some(Self { side: code.size() + 2 * BORDER, path })
    }
}

/// Dark modules of a row that lie side by side: where they begin, and how many.
fn runs(code: &QrCode, y: i32) -> Vec<(i32, i32)> {
    let mut runs: Vec<(i32, i32)> = Vec::new();
    for x in (0..code.size()).filter(|x| code.get_module(*x, y)) {
        match runs.last_mut() {
            Some((begin, len)) if *begin + *len == x => *len += 1,
            _ => runs.push((x, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_begins_with_the_finder_pattern_inside_its_border() {
        let qr = Qr::of("HELLO").expect("five letters fit");
        assert_eq!(qr.side, 21 + 8, "the smallest code, and its border");
        // The upper edges of the two upper finder patterns are seven modules wide.
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", qr.path);
        assert!(qr.path.contains("M18 4h7v1h-7z"), "{}", qr.path);
    }

    #[test]
    fn an_invite_fits_and_a_novel_does_not() {
        assert!(Qr::of("https://share.example/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA").is_some());
        assert_eq!(Qr::of(&"x".repeat(4000)), None);
    }
}
