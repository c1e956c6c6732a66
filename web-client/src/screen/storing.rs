//! What is said about where pieces are, and about what earlier visits began.

use crate::format;
use crate::messages::{DownloadView, Stage, StoredView};
use crate::storing::{Place, WhyMemory};

/// What becomes of the pieces with the tab, while that matters.
pub fn place_line(download: &DownloadView) -> Option<&'static str> {
    match download.stage {
        Stage::Fetching { .. } => download.place.map(line_of),
        _ => None,
    }
}

fn line_of(place: Place) -> &'static str {
    match place {
        Place::Disk => "What has come is kept in this browser: you may load the page again, or come back later.",
        Place::Database => {
            "What has come is kept in this browser, but for the last seconds: you may load the page again, or come back later."
        }
        Place::Chosen => "It is where you saved it, and others get it from there.",
        Place::Memory(WhyMemory::NoDisk) => {
            "What has come is kept in memory, since a page without HTTPS has no other place: if it is loaded again, the download \
             begins anew."
        }
        Place::Memory(WhyMemory::Failing) => {
            "What has come is kept in memory, since this browser keeps no files for this page: if it is loaded again, the \
             download begins anew."
        }
        Place::Memory(WhyMemory::Slow) => {
            "What has come is kept in memory, as in every private window: if the page is loaded again, the download begins anew."
        }
        Place::Memory(WhyMemory::Full) => {
            "What has come is kept in memory, since the disk has no room for all of it: if the page is loaded again, the download \
             begins anew. Free some space to go on after that."
        }
        Place::Memory(WhyMemory::OtherTab) => {
            "Another tab of this browser has this file already. This one keeps its own copy in memory: close one of them, unless \
             you want it twice."
        }
        Place::Memory(WhyMemory::Wanted) => {
            "What has come is kept in memory, as the address says: if the page is loaded again, the download begins anew."
        }
    }
}

/// What an earlier visit left: `You had 71 % of movie.mp4.`
pub fn stored_line(stored: &StoredView) -> String {
    let StoredView { name, have, size, .. } = stored;
    if have >= size {
        return format!("All of {name} is in this browser.");
    }
    format!("You had {} % of {name}.", format::percent(*have, *size).min(99))
}

/// What the button says that goes on with it.
pub fn go_on_verb(stored: &StoredView) -> &'static str {
    if stored.have >= stored.size { "Open" } else { "Continue" }
}

/// How much room it takes.
pub fn room_line(stored: &StoredView) -> String {
    format!("{} of {} on this computer's disk", format::bytes(stored.have.min(stored.size)), format::bytes(stored.size))
}

/// Another tab has it open.
pub const ELSEWHERE_LINE: &str = "It is open in another tab of this browser: go on there, or close that tab.";

/// Why it cannot be gone on with.
pub const NOT_SHARED_LINE: &str = "It is not shared with you any more, so it cannot go on.";

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
