//! The names of people, groups and programs, as they are kept. File names: `wire_protocol::text::file_name`.

use wire_protocol::control::{DISPLAY_NAME_CHARS_MAX, NAME_CHARS_MAX};
use wire_protocol::text::display_text;

use crate::limits::CLIENT_CHARS_MAX;

/// What a person without a usable name is called.
const NAMELESS: &str = "Somebody";

/// More than `NAME_CHARS_MAX` characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the name is longer than {NAME_CHARS_MAX} characters: shorten it")]
pub struct NameTooLong;

/// A display name: cleaned, cut to its limit, never empty.
pub fn display_name(text: &str) -> String {
    let name = display_text(text, DISPLAY_NAME_CHARS_MAX);
    if name.is_empty() { NAMELESS.to_owned() } else { name }
}

/// A client's program and version: cleaned and cut.
pub fn client(text: &str) -> String {
    display_text(text, CLIENT_CHARS_MAX)
}

/// A group's name. May be empty: the slug stands in for it then.
///
/// # Errors
/// [`NameTooLong`]: cutting it would name the group otherwise than the person did.
pub fn group_name(text: &str) -> Result<String, NameTooLong> {
    let name = display_text(text, usize::MAX);
    if name.chars().count() > NAME_CHARS_MAX { Err(NameTooLong) } else { Ok(name) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_cannot_turn_the_text_around_it() {
        assert_eq!(display_name("\u{202e}evil\u{2066} \u{7}  name\n"), "evil name");
        assert_eq!(display_name("\u{200b}\u{3164}\n"), NAMELESS);
        assert_eq!(display_name(&"é".repeat(100)).chars().count(), DISPLAY_NAME_CHARS_MAX);
    }

    #[test]
    fn a_group_is_called_what_was_typed_or_not_at_all() {
        assert_eq!(group_name(" film\u{ad} club "), Ok("film club".to_owned()));
        assert_eq!(group_name("\u{202e}"), Ok(String::new()));
        assert_eq!(group_name(&"x".repeat(200)).map(|name| name.len()), Ok(200));
        assert_eq!(group_name(&"x".repeat(201)), Err(NameTooLong));
    }
}
