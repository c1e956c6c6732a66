//! Why a text is not an invite.

use wire_protocol::invite::{InviteError, NotWhole};

use crate::words::words;

/// As a part of a sentence; a full stop follows.
fn why(error: &InviteError) -> String {
    let words = words();
    let said = match error {
        InviteError::NotFound => words.pasted_not_found(),
        InviteError::NoSlug { seen } => words.pasted_no_slug(seen),
        InviteError::BadSlug => words.pasted_bad_slug(),
        InviteError::NoSecret { .. } => words.pasted_no_secret(),
        InviteError::NotWhole(NotWhole { seen, expected }) if seen == expected => words.pasted_wrong_character(),
        InviteError::NotWhole(NotWhole { seen, expected }) => words.pasted_not_whole(*seen, *expected),
        InviteError::Several { first, second } => words.pasted_several(first, second),
        InviteError::Identity => words.pasted_identity(),
    };
    said.to_string()
}

/// One sentence or more: what is wrong, and what to do.
pub fn line(error: &InviteError) -> String {
    let text = why(error);
    let (first, rest) = text.split_at(text.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}.", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_german;

    #[test]
    fn the_page_says_what_the_command_line_says() {
        let not_whole = |seen| InviteError::NotWhole(NotWhole { seen, expected: 22 });
        let (server, slug) = ("https://share.example".to_owned(), "lively-otter".to_owned());
        let all = [
            InviteError::NotFound,
            InviteError::NoSlug { seen: server.clone() },
            InviteError::BadSlug,
            InviteError::NoSecret { server: server.clone(), slug: slug.clone() },
            not_whole(22),
            not_whole(3),
            InviteError::Several { first: server, second: slug },
            InviteError::Identity,
        ];
        for error in all {
            assert_eq!(why(&error), error.to_string());
            let german = in_german(|| line(&error));
            assert!(german.ends_with('.') && german.starts_with(char::is_uppercase), "{german}");
            assert_ne!(german, line(&error));
        }
    }
}
