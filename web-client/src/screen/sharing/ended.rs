//! Why something is not shared, or not any more, and what to do.

use crate::sharing::Trouble;

/// It has no bytes.
pub fn empty_line(name: &str) -> String {
    format!("{name} is empty: there is nothing to share in it.")
}

/// More was picked than is shared at once.
pub fn too_many_line(max: usize) -> String {
    format!("At most {max} files and folders are shared at once: put files into a folder, and share that.")
}

/// No torrent can be made of it.
pub fn no_torrent_line(name: &str, why: &str) -> String {
    format!("{name} cannot be shared: {why}. Take an archive of it.")
}

/// Others get it under another name.
pub fn renamed_line(name: &str, shown: &str, bytes_max: usize) -> String {
    let why = match name.len() > bytes_max {
        true => "its name is too long for some computers",
        false => "its own name cannot be used everywhere",
    };
    format!("Others get it as {shown}: {why}.")
}

/// This tab has it already.
pub fn already_line(name: &str) -> String {
    format!("{name} is here already, and is shared as the same file.")
}

/// The server does not take it.
pub fn not_added_line(name: &str, why: &str) -> String {
    format!("{name} is not shared: {}", with_full_stop(why))
}

/// There is no group for it.
pub fn not_shared_line(group: &str, why: &str) -> String {
    format!("No group was made for {group}, so nothing is shared: {}", with_full_stop(why))
}

/// Somebody took it out of the group.
pub fn removed_line(name: &str) -> String {
    format!("{name} was removed from the group, and is not shared any more. What others already have is theirs.")
}

/// It could not be read to its end; nobody was given anything.
pub fn not_hashed_line(name: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Gone => {
            format!("{name} is gone: it was deleted or moved while it was prepared. Put it back, and share it again.")
        }
        Trouble::Changed | Trouble::Damaged => format!(
            "{name} was written to while it was prepared, so it is not shared. Share it again when nobody writes to it."
        ),
        Trouble::Unreadable(error) => format!(
            "{name} cannot be read ({error}), so it is not shared. If its disk was unplugged, connect it, and share it again."
        ),
    }
}

/// It is not what it was.
pub fn sharing_ended_line(name: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Gone => format!(
            "{name} is gone: it was deleted or moved, so it is not shared any more. Put it back and share it again, and all \
             go on."
        ),
        Trouble::Changed => format!(
            "{name} has changed on disk, so it is not shared any more. What others have of it is good. Share it again to \
             share what it is now."
        ),
        Trouble::Damaged => format!(
            "{name} has other bytes than when it was prepared, though its date is the same: its disk may be failing. It is \
             not shared any more, and nobody was sent a wrong byte."
        ),
        Trouble::Unreadable(error) => format!(
            "{name} cannot be read any more ({error}), so it is not shared. If its disk was unplugged, connect it, and \
             share it again: all go on."
        ),
    }
}

fn with_full_stop(sentence: &str) -> String {
    let is_whole = sentence.ends_with(['.', '!', '?']);
    if is_whole { sentence.to_owned() } else { format!("{sentence}.") }
}
