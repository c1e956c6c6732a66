//! What is wrong with a torrent, as a part of a sentence.

use metainfo::InfoError;

use crate::words::words;

/// What people can do something about has words of its own.
pub fn why(error: &InfoError) -> String {
    let said = match error {
        InfoError::TooManyFiles => words().torrents_too_many_files(),
        InfoError::PathTooDeep => words().torrents_too_deep(),
        InfoError::BadPath(path) => words().torrents_bad_path(path),
        InfoError::TooManyPieces(count) => words().torrents_too_many_pieces(*count),
        other => words().torrents_other(other.to_string()),
    };
    said.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_german;

    #[test]
    fn the_page_says_what_the_command_line_says() {
        use InfoError::{BadPath, Missing, PathTooDeep, TooManyFiles, TooManyPieces};
        for error in [TooManyFiles, PathTooDeep, BadPath("a/../b".to_owned()), Missing("name")] {
            assert_eq!(why(&error), error.to_string());
            assert_ne!(in_german(|| why(&error)), error.to_string());
        }
        // But for the advice to choose longer pieces: here nobody chooses.
        let too_many = TooManyPieces(70_000);
        assert!(too_many.to_string().starts_with(&why(&too_many)));
    }
}
