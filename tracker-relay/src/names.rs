//! Text from strangers: the one door through which names come in.

use wire_protocol::control::{DISPLAY_NAME_CHARS_MAX, NAME_CHARS_MAX};

use crate::limits::CLIENT_CHARS_MAX;

/// What a person without a usable name is called.
const NAMELESS: &str = "Somebody";

/// A name that cannot be taken as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadName {
    /// Nothing is left of it.
    #[error("the name is empty: give it at least one visible character")]
    Empty,
    /// More than `NAME_CHARS_MAX` characters.
    #[error("the name is longer than {NAME_CHARS_MAX} characters: shorten it")]
    TooLong,
}

/// A display name: cleaned, cut to its limit, never empty.
pub fn display_name(text: &str) -> String {
    let name = cut(&clean(text), DISPLAY_NAME_CHARS_MAX);
    if name.is_empty() { NAMELESS.to_owned() } else { name }
}

/// A client's program and version: cleaned and cut.
pub fn client(text: &str) -> String {
    cut(&clean(text), CLIENT_CHARS_MAX)
}

/// A group's name. May be empty: the slug stands in for it then.
///
/// # Errors
/// [`BadName::TooLong`].
pub fn group_name(text: &str) -> Result<String, BadName> {
    within_limit(clean(text))
}

/// A bare file name: separators of every platform become `_`, and it is neither `.` nor `..`.
///
/// # Errors
/// [`BadName`].
pub fn file_name(text: &str) -> Result<String, BadName> {
    let name: String = clean(text).chars().map(|c| if matches!(c, '/' | '\\' | ':') { '_' } else { c }).collect();
    if name.is_empty() || name == "." || name == ".." {
        return Err(BadName::Empty);
    }
    within_limit(name)
}

/// Drops what could change how the text around a name reads (controls, bidi overrides, invisible
/// marks), and makes every run of white space one space.
fn clean(text: &str) -> String {
    let mut name = String::with_capacity(text.len().min(NAME_CHARS_MAX * 4));
    // Whatever comes in is at most one message long, so this loop is bounded.
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        let at = name.len();
        name.extend(word.chars().filter(|&c| !is_invisible(c)));
        if name.len() > at && at > 0 {
            name.insert(at, ' ');
        }
    }
    name
}

fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{61c}' | '\u{180e}'
        | '\u{200b}'..='\u{200f}' // zero width and direction marks
        | '\u{2028}'..='\u{202e}' // separators, embeddings, overrides
        | '\u{2060}'..='\u{206f}' // word joiner, isolates, deprecated formats
        | '\u{feff}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e007f}' // tags
    )
}

fn cut(name: &str, chars: usize) -> String {
    name.chars().take(chars).collect::<String>().trim_end().to_owned()
}

fn within_limit(name: String) -> Result<String, BadName> {
    if name.chars().count() > NAME_CHARS_MAX { Err(BadName::TooLong) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_the_text_around_it() {
        assert_eq!(display_name("\u{202e}evil\u{2066} \u{7}  name\n"), "evil name");
        assert_eq!(display_name("\u{200b}\n"), NAMELESS);
        assert_eq!(display_name(&"é".repeat(100)).chars().count(), DISPLAY_NAME_CHARS_MAX);
    }

    #[test]
    fn a_file_name_is_bare() {
        assert_eq!(file_name("../../etc/passwd").unwrap(), ".._.._etc_passwd");
        assert_eq!(file_name("C:\\x\\y.mp4").unwrap(), "C__x_y.mp4");
        assert_eq!(file_name(".."), Err(BadName::Empty));
        assert_eq!(file_name(" \u{202e} "), Err(BadName::Empty));
        assert_eq!(file_name(&"x".repeat(201)), Err(BadName::TooLong));
    }
}
