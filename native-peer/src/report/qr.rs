//! A QR code as text: two modules in each character, light ones drawn.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of light around the code; cameras want some.
const BORDER: i32 = 2;

/// The code of a text, lines of one width; `None`: the text is too long for one. Light modules are drawn: terminals are
/// dark, and cameras read the inverse on a light one, too.
pub fn of(text: &str) -> Option<String> {
    let code = QrCode::encode_text(text, QrCodeEcc::Low).ok()?;
    let is_light = |x: i32, y: i32| !code.get_module(x, y);
    let all = -BORDER..code.size() + BORDER;
    let rows = all.clone().step_by(2).map(|y| {
        let cells = all.clone().map(|x| match (is_light(x, y), is_light(x, y + 1)) {
            (true, true) => '█',
            (true, false) => '▀',
            (false, true) => '▄',
            (false, false) => ' ',
        });
        cells.collect::<String>()
    });
    Some(rows.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_becomes_a_square_with_light_around_it() {
        let code = of("https://share.example/j/lively-otter#AAECAwQFBgcICQoLDA0ODw").unwrap();
        let rows: Vec<Vec<char>> = code.lines().map(|row| row.chars().collect()).collect();
        let width = rows[0].len();
        assert!(rows.iter().all(|row| row.len() == width));
        assert_eq!(rows.len(), width.div_ceil(2));
        assert!(rows[0].iter().all(|cell| *cell == '█') && rows.iter().all(|row| row[0] == '█'), "{code}");
        // The corner that cameras look for: seven dark modules in a row.
        assert_eq!(rows[1][2..9].iter().collect::<String>(), " ▄▄▄▄▄ ");
    }

    #[test]
    fn what_is_too_long_has_no_code() {
        assert_eq!(of(&"x".repeat(4000)), None);
    }
}
