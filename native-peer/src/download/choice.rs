//! Which of a group's files are meant.

use wire_protocol::control::{FileCard, InvitePreview};
use wire_protocol::text::file_name;

use crate::failure::{Failure, Outcome};
use crate::report::text::printable;

/// Chooses all files, or the one of this name.
///
/// # Errors
/// There is none.
pub fn choose<'a>(preview: &'a InvitePreview, name: Option<&str>) -> Outcome<Vec<&'a FileCard>> {
    let cards = || preview.files.iter().map(|file| &file.card);
    // The person may type the name as it is on the disk of whoever shares, or as it is here.
    let wanted = name.map(file_name);
    let chosen: Vec<&FileCard> = cards().filter(|card| wanted.as_ref().is_none_or(|name| card.name == *name)).collect();
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    match name {
        Some(name) if !preview.files.is_empty() => {
            let names: Vec<String> = cards().map(|card| printable(&card.name)).collect();
            let what = format!("the group has no file named `{name}`");
            Err(Failure::usage(what, format!("It has: {}.", names.join(", "))))
        }
        _ => {
            let what = format!("the group \"{}\" has no files", printable(&preview.name));
            Err(Failure::no_source(what, "Ask whoever sent the invite to share the file again."))
        }
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::PreviewFile;
    use wire_protocol::ids::{FileId, GroupId, MemberKey};

    use super::*;
    use crate::exit_code;

    fn preview(names: &[&str]) -> InvitePreview {
        let card = |name: &&str| FileCard {
            file: FileId([1; 16]),
            name: (*name).to_owned(),
            size: 1,
            added_by: MemberKey([2; 32]),
            added_at_ms: 0,
            torrent: None,
        };
        let files = names.iter().map(|name| PreviewFile { card: card(name), seeders: 0, leechers: 0 });
        InvitePreview {
            group: GroupId([3; 16]),
            name: "g".to_owned(),
            invited_by: "Ana".to_owned(),
            needs_accept: false,
            members_online: 1,
            files: files.collect(),
        }
    }

    #[test]
    fn all_files_or_the_named_one() {
        let two = preview(&["a", "b"]);
        assert_eq!(choose(&two, None).unwrap().len(), 2);
        assert_eq!(choose(&two, Some("b")).unwrap()[0].name, "b");
        assert_eq!(choose(&preview(&["_bashrc"]), Some(".bashrc")).unwrap()[0].name, "_bashrc");
        assert_eq!(choose(&two, Some("c")).unwrap_err().exit, exit_code::USAGE);
        assert_eq!(choose(&preview(&[]), None).unwrap_err().exit, exit_code::NO_SOURCE);
    }
}
