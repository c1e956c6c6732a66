//! The ways in which a pasted text is read.

use std::iter;

use percent_encoding::percent_decode_str;

use super::PASTED_LEN_MAX;
use crate::text::display_text;

/// Services that look at links before people do (Outlook, Slack) put the link percent-encoded into theirs; some do so
/// with what another has encoded already.
const ENCODINGS_MAX: usize = 2;

/// A text as it is, then with its percent signs resolved once and twice, then with the dashes that keyboards draw
/// together drawn apart.
pub fn readings(text: &str) -> impl Iterator<Item = String> {
    let text = clean(&text[..text.floor_char_boundary(PASTED_LEN_MAX)]);
    let drawn_apart = text.contains(['–', '—']).then(|| text.replace(['–', '—'], "--"));
    let resolve = |text: &String| {
        let resolved = text.contains('%').then(|| clean(&percent_decode_str(text).decode_utf8_lossy()))?;
        (resolved != *text).then_some(resolved)
    };
    iter::successors(Some(text), resolve).take(ENCODINGS_MAX + 1).chain(drawn_apart)
}

/// Without what cannot be seen, the backslashes of Markdown and shells, and the line ends of quoted-printable mail;
/// with the plain form of letters that East Asian keyboards make wide.
fn clean(text: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=\n", "");
    let mut rest = text.chars().peekable();
    let mut cleaned = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        match c {
            '\\' if rest.peek().is_some_and(char::is_ascii_punctuation) => {}
            ' '..='~' => cleaned.push(c),
            '\u{2010}' | '\u{2011}' | '\u{2212}' => cleaned.push('-'),
            '\u{FF01}'..='\u{FF5E}' => cleaned.extend(char::from_u32(u32::from(c) - 0xFEE0)),
            c if c.is_whitespace() || !is_hidden(c) => cleaned.push(c),
            _ => {}
        }
    }
    cleaned
}

/// The one list of such characters is in [`crate::text`].
fn is_hidden(c: char) -> bool {
    display_text(c.encode_utf8(&mut [0; 4]), 1).is_empty()
}
