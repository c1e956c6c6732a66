//! What the worker says of a download.

use metainfo::InfoError;

use super::torrents;
use crate::address::DOWNLOAD_COMMAND;
use crate::storing::ShortWrite;
use crate::words::words;

/// Somebody sent damaged data. `name`: empty if nobody knows it.
pub fn banned_line(name: &str, piece: u32) -> String {
    let somebody = words().downloads_somebody();
    let name = if name.is_empty() { &somebody } else { name };
    words().downloads_banned(name, piece).to_string()
}

/// The browser failed to keep or hash a piece. `why`: a part of a sentence.
pub fn cannot_go_on_line(name: &str, why: &str) -> String {
    words().downloads_cannot_go_on(name, why, DOWNLOAD_COMMAND).to_string()
}

/// There is no room, as a part of a sentence. `error`: what the browser calls it.
pub fn no_room_why(error: Option<&str>) -> String {
    let said = match error {
        Some(error) => words().downloads_no_room_because(error),
        None => words().downloads_no_room(),
    };
    said.to_string()
}

/// The browser kept less than it was given, as a part of a sentence.
pub fn short_write(short: ShortWrite) -> String {
    words().downloads_short_write(short.kept, short.given).to_string()
}

/// Somebody took the file out of the group.
pub fn removed_line(name: &str) -> String {
    words().downloads_removed(name).to_string()
}

/// The list of pieces is not the one of the file.
pub fn list_unusable_line(why: &InfoError) -> String {
    words().downloads_list_unusable(torrents::why(why)).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::in_german;

    #[test]
    fn whoever_sends_damaged_data_is_named_if_the_name_is_known() {
        assert!(
            banned_line("Ana", 7)
                .starts_with("Ana sent damaged data (piece 7), so nothing is taken from there any more.")
        );
        assert!(banned_line("", 7).starts_with("Somebody sent damaged data"));
        assert!(in_german(|| banned_line("", 7)).starts_with("Von jemandem wird nichts mehr angenommen: "));
    }

    #[test]
    fn a_browser_without_room_is_said_with_what_it_calls_it_and_the_way_out() {
        let line = cannot_go_on_line("movie.mp4", &no_room_why(Some("QuotaExceededError")));
        assert!(
            line.starts_with("movie.mp4 cannot go on here: this browser has no room for it (QuotaExceededError). ")
        );
        assert!(line.contains("run native-peer download in a terminal"), "{line}");
        assert_eq!(short_write(ShortWrite { given: 3, kept: 2 }), ShortWrite { given: 3, kept: 2 }.to_string());
        let german = in_german(|| cannot_go_on_line("movie.mp4", &no_room_why(None)));
        assert!(german.starts_with("Mit movie.mp4 geht es hier nicht weiter (dieser Browser hat keinen Platz dafür)."));
    }

    #[test]
    fn a_list_that_is_another_says_so() {
        let line = list_unusable_line(&InfoError::Differs("size"));
        assert!(
            line.starts_with(
                "The list of pieces cannot be used: the torrent's size is not the one that was announced."
            )
        );
        assert!(in_german(|| list_unusable_line(&InfoError::Differs("size"))).starts_with("Die Liste der Stücke"));
    }
}
