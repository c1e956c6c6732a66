//! What is said about a group's files.

use crate::format;
use crate::messages::FileView;
use crate::words::words;

/// How big it is, whose it is, and who has it.
pub fn file_line(file: &FileView) -> String {
    let (size, by) = (format::bytes(file.size), &file.added_by);
    let line = match (&file.info_hash, file.seeders) {
        (None, _) => words().files_preparing(size, by),
        (Some(_), 0) => words().files_nobody(size, by),
        (Some(_), count) => words().files_holders(size, by, count),
    };
    line.to_string()
}

/// The same of one that is shared out of this tab.
pub fn shared_line(file: &FileView) -> String {
    let size = format::bytes(file.size);
    let line = match (&file.info_hash, file.seeders) {
        (None, _) => words().files_own_preparing(size),
        (Some(_), 0) => words().files_own(size),
        (Some(_), others) => words().files_own_holders(size, others),
    };
    line.to_string()
}

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
