//! What is said about where pieces are, and about what earlier visits began.

use crate::format;
use crate::messages::{DownloadView, Stage, StoredView};
use crate::storing::{Place, WhyMemory};
use crate::words::words;

/// What becomes of the pieces with the tab, while that matters.
pub fn place_line(download: &DownloadView) -> Option<String> {
    match download.stage {
        Stage::Fetching { .. } => download.place.map(line_of),
        _ => None,
    }
}

fn line_of(place: Place) -> String {
    let words = words();
    let line = match place {
        Place::Disk => words.storing_disk(),
        Place::Database => words.storing_database(),
        Place::Chosen => words.storing_chosen(),
        Place::Memory(WhyMemory::NoDisk) => words.storing_no_disk(),
        Place::Memory(WhyMemory::Failing) => words.storing_failing(),
        Place::Memory(WhyMemory::Slow) => words.storing_slow(),
        Place::Memory(WhyMemory::Full) => words.storing_full(),
        Place::Memory(WhyMemory::OtherTab) => words.storing_other_tab(),
        Place::Memory(WhyMemory::Wanted) => words.storing_wanted(),
    };
    line.to_string()
}

/// What an earlier visit left: `You had 71 % of movie.mp4.`
pub fn stored_line(stored: &StoredView) -> String {
    let StoredView { name, have, size, .. } = stored;
    if have >= size {
        return words().storing_whole(name).to_string();
    }
    words().storing_part(format::percent(*have, *size).min(99), name).to_string()
}

/// What the button says that goes on with it.
pub fn go_on_verb(stored: &StoredView) -> String {
    let verb = if stored.have >= stored.size { words().storing_open() } else { words().storing_continue() };
    verb.to_string()
}

/// How much room it takes.
pub fn room_line(stored: &StoredView) -> String {
    words().storing_room(format::bytes(stored.have.min(stored.size)), format::bytes(stored.size)).to_string()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use wire_protocol::ids::{FileId, GroupId};

    use super::*;

    fn stored(have: u64, size: u64) -> StoredView {
        let (group, file) = (GroupId([1; 16]), FileId([2; 16]));
        StoredView { torrent: [0; 20], group, file, name: "movie.mp4".to_owned(), size, have, is_elsewhere: false }
    }

    #[test]
    fn who_comes_back_is_told_how_much_of_which_file_is_there() {
        assert_eq!(stored_line(&stored(71, 100)), "You had 71 % of movie.mp4.");
        assert_eq!(stored_line(&stored(999, 1000)), "You had 99 % of movie.mp4.");
        assert_eq!(stored_line(&stored(1000, 1000)), "All of movie.mp4 is in this browser.");
        assert_eq!([999, 1000].map(|have| go_on_verb(&stored(have, 1000))), ["Continue", "Open"]);
        assert_eq!(room_line(&stored(2_000_000, 3_000_000)), "2.00 MB of 3.00 MB on this computer's disk");
    }

    #[test]
    fn each_place_has_a_sentence_of_its_own() {
        use WhyMemory::*;
        let memory = [NoDisk, Failing, Slow, Full, OtherTab, Wanted].map(Place::Memory);
        let lines: BTreeSet<_> =
            memory.into_iter().chain([Place::Disk, Place::Database, Place::Chosen]).map(line_of).collect();
        assert_eq!(lines.len(), 9);
    }
}
