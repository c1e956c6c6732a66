//! What is said about a group's files.

use crate::format;
use crate::messages::FileView;

/// Said of a finished file: a browser does not tell whether it saved what it was given.
pub const SAVE_LINE: &str = "It was given to your browser to save. If it is not in your downloads, press Save.";

/// How big it is, whose it is, and who has it.
pub fn file_line(file: &FileView) -> String {
    let (size, by) = (format::bytes(file.size), &file.added_by);
    match (&file.info_hash, file.seeders) {
        (None, _) => format!("{size} · being prepared by {by}"),
        (Some(_), 0) => format!("{size} · from {by} · nobody who has all of it is online"),
        (Some(_), 1) => format!("{size} · from {by} · {} has it", format::people(1)),
        (Some(_), n) => format!("{size} · from {by} · {} have it", format::people(n as usize)),
    }
}

/// The same of one that is shared out of this tab.
pub fn shared_line(file: &FileView) -> String {
    let size = format::bytes(file.size);
    match (&file.info_hash, file.seeders) {
        (None, _) => format!("{size} · you are preparing it"),
        (Some(_), 0) => format!("{size} · shared from this tab"),
        (Some(_), 1) => format!("{size} · shared from this tab · {} has it too", format::people(1)),
        (Some(_), others) => format!("{size} · shared from this tab · {} have it too", format::people(others as usize)),
    }
}

/// What to do with a file that this person shared and shares no more: a browser forgets what it was given.
pub const DROP_AGAIN_LINE: &str = "You shared it. Drop it here again, and all who want it go on.";

/// Whether to say that.
pub fn is_to_be_dropped(file: &FileView) -> bool {
    file.is_mine && file.seeders == 0
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::FileId;

    use super::*;

    #[test]
    fn a_file_says_who_has_it_or_that_nobody_does() {
        let file = |info_hash: Option<&str>, seeders| FileView {
            file: FileId([1; 16]),
            name: "movie.mp4".to_owned(),
            size: 3_000_000,
            added_by: "Ana".to_owned(),
            info_hash: info_hash.map(str::to_owned),
            seeders,
            is_mine: false,
            is_removable: false,
            leechers: 0,
        };
        let own = |seeders| FileView { is_mine: true, ..file(Some("aa"), seeders) };
        assert!(is_to_be_dropped(&own(0)) && !is_to_be_dropped(&own(1)) && !is_to_be_dropped(&file(Some("aa"), 0)));
        assert_eq!(shared_line(&own(0)), "3.00 MB · shared from this tab");
        assert_eq!(shared_line(&own(1)), "3.00 MB · shared from this tab · 1 person has it too");
        assert_eq!(shared_line(&own(2)), "3.00 MB · shared from this tab · 2 people have it too");
        assert_eq!(file_line(&file(None, 0)), "3.00 MB · being prepared by Ana");
        assert_eq!(file_line(&file(Some("aa"), 0)), "3.00 MB · from Ana · nobody who has all of it is online");
        assert_eq!(file_line(&file(Some("aa"), 1)), "3.00 MB · from Ana · 1 person has it");
        assert_eq!(file_line(&file(Some("aa"), 2)), "3.00 MB · from Ana · 2 people have it");
    }
}
