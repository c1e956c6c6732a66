//! Why something is not shared, or not any more, and what to do.

use metainfo::InfoError;

use crate::screen::torrents;
use crate::sharing::Trouble;
use crate::words::words;

/// It has no bytes.
pub fn empty_line(name: &str) -> String {
    words().sharing_empty(name).to_string()
}

/// More was picked than is shared at once.
pub fn too_many_line(max: usize) -> String {
    words().sharing_too_many(max).to_string()
}

/// No torrent can be made of it.
pub fn no_torrent_line(name: &str, why: &InfoError) -> String {
    words().sharing_no_torrent(name, torrents::why(why)).to_string()
}

/// Others get it under another name.
pub fn renamed_line(name: &str, shown: &str, bytes_max: usize) -> String {
    let line = match name.len() > bytes_max {
        true => words().sharing_renamed_long(shown),
        false => words().sharing_renamed(shown),
    };
    line.to_string()
}

/// This tab has it already.
pub fn already_line(name: &str) -> String {
    words().sharing_already(name).to_string()
}

/// The server does not take it.
pub fn not_added_line(name: &str, why: &str) -> String {
    words().sharing_not_added(name, with_full_stop(why)).to_string()
}

/// There is no group for it.
pub fn not_shared_line(group: &str, why: &str) -> String {
    words().sharing_no_group(group, with_full_stop(why)).to_string()
}

/// Somebody took it out of the group.
pub fn removed_line(name: &str) -> String {
    words().sharing_removed(name).to_string()
}

/// It could not be read to its end; nobody was given anything.
pub fn not_hashed_line(name: &str, trouble: &Trouble) -> String {
    let line = match trouble {
        Trouble::Gone => words().sharing_gone_early(name),
        Trouble::Changed | Trouble::Damaged => words().sharing_written_early(name),
        Trouble::Unreadable(error) => words().sharing_unreadable_early(name, error),
    };
    line.to_string()
}

/// It is not what it was.
pub fn sharing_ended_line(name: &str, trouble: &Trouble) -> String {
    let line = match trouble {
        Trouble::Gone => words().sharing_gone(name),
        Trouble::Changed => words().sharing_changed(name),
        Trouble::Damaged => words().sharing_damaged(name),
        Trouble::Unreadable(error) => words().sharing_unreadable(name, error),
    };
    line.to_string()
}

fn with_full_stop(sentence: &str) -> String {
    // A quotation ends behind its own sentence.
    let is_whole = sentence.trim_end_matches('“').ends_with(['.', '!', '?']);
    if is_whole { sentence.to_owned() } else { format!("{sentence}.") }
}
