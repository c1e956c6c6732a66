//! The ways in which a pasted text is read.

use std::iter;

use percent_encoding::percent_decode_str;

use super::PASTED_LEN_MAX;
use crate::text::display_text;

/// Services that look at links before people do (Outlook, Slack) put the link percent-encoded into theirs; some do so
/// with what another has encoded already.
const ENCODINGS_MAX: usize = 2;

/// The signs of a link as the source of an HTML page may write them.
const ENTITIES: [(&str, &str); 12] = [
    ("&num;", "#"),
    ("&#35;", "#"),
    ("&#x23;", "#"),
    ("&colon;", ":"),
    ("&#58;", ":"),
    ("&#x3a;", ":"),
    ("&sol;", "/"),
    ("&#47;", "/"),
    ("&#x2f;", "/"),
    ("&#45;", "-"),
    ("&#x2d;", "-"),
    ("&#95;", "_"),
];

/// A text as it is, then with its percent signs resolved once and twice, then with the dashes that keyboards draw
/// together drawn apart, with HTML's entities resolved, and with `://` behind a scheme that has lost a part of it.
pub fn readings(text: &str) -> impl Iterator<Item = String> {
    let original = &text[..text.floor_char_boundary(PASTED_LEN_MAX)];
    let text = clean(original);
    let mended = [
        text.contains(['–', '—']).then(|| text.replace(['–', '—'], "--")),
        text.contains('&').then(|| without_entities(&text)),
        // Before the backslashes are gone.
        Some(clean(&with_whole_schemes(original))).filter(|whole| *whole != text),
    ];
    let resolve = |text: &String| {
        let resolved = text.contains('%').then(|| clean(&percent_decode_str(text).decode_utf8_lossy()))?;
        (resolved != *text).then_some(resolved)
    };
    iter::successors(Some(text), resolve).take(ENCODINGS_MAX + 1).chain(mended.into_iter().flatten())
}

fn without_entities(text: &str) -> String {
    ENTITIES.iter().fold(text.to_owned(), |text, (entity, sign)| {
        let lower = text.to_ascii_lowercase();
        let mut resolved = String::with_capacity(text.len());
        let mut begin = 0;
        for (at, _) in lower.match_indices(entity) {
            resolved.push_str(&text[begin..at]);
            resolved.push_str(sign);
            begin = at + entity.len();
        }
        resolved + &text[begin..]
    })
}

/// `https:/share.example`, `https//share.example`, `https:\\share.example`: what is left of `://` is made whole.
fn with_whole_schemes(text: &str) -> String {
    let is_left_over = |c: char| matches!(c, ':' | '/' | '\\');
    let lower = text.to_ascii_lowercase();
    let mut whole = String::with_capacity(text.len());
    let mut begin = 0;
    for (at, _) in lower.match_indices("http") {
        let scheme = if lower[at..].starts_with("https") { 5 } else { 4 };
        let behind = text[at + scheme..].trim_start_matches(is_left_over);
        let left_over = &text[at + scheme..text.len() - behind.len()];
        if at < begin || !left_over.contains(['/', '\\']) {
            continue;
        }
        whole.push_str(&text[begin..at + scheme]);
        whole.push_str("://");
        begin = text.len() - behind.len();
    }
    whole + &text[begin..]
}

/// Without what cannot be seen, the backslashes of Markdown and shells, and the line ends of quoted-printable mail;
/// with the plain form of letters that East Asian keyboards make wide.
fn clean(text: &str) -> String {
    let text = text.replace("=\r\n", "").replace("=\n", "");
    let mut rest = text.chars().peekable();
    let mut cleaned = String::with_capacity(text.len());
    while let Some(c) = rest.next() {
        match c {
            // A shell's backslash at the end of a line: the lines are joined where links are read.
            '\\' if rest.peek().is_some_and(|next| next.is_ascii_punctuation() || matches!(next, '\r' | '\n')) => {}
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
