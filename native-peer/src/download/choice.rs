//! Which of a group's files are meant.

use wire_protocol::control::FileCard;
use wire_protocol::text::{FILE_NAME_BYTES_MAX, display_text, file_name};

use crate::failure::{Failure, Outcome};
use crate::report::text::printable;

/// Chooses all files, or the one of this name.
///
/// # Errors
/// There is none.
pub fn choose(files: &[FileCard], group: &str, name: Option<&str>) -> Outcome<Vec<FileCard>> {
    let chosen = match name {
        Some(name) => named(files, name),
        None => files.to_vec(),
    };
    if !chosen.is_empty() {
        return Ok(chosen);
    }
    match name {
        Some(name) if !files.is_empty() => {
            let names: Vec<String> = files.iter().map(|card| printable(&card.name)).collect();
            let what = format!("the group has no file named `{name}`");
            Err(Failure::usage(what, format!("It has: {}.", names.join(", "))))
        }
        _ => {
            let what = format!("the group \"{}\" has no files", printable(group));
            Err(Failure::no_source(
                what,
                "Ask whoever invited you, or somebody else in the group, to share the file again.",
            ))
        }
    }
}

/// The person may type the name as it is on the disk of whoever shares, as it is here, or as a page shows it, where several
/// blanks are one. The first of these that a file has counts.
fn named(files: &[FileCard], typed: &str) -> Vec<FileCard> {
    let safe = file_name(typed);
    let shown = display_text(&safe, FILE_NAME_BYTES_MAX);
    let find = |is_it: &dyn Fn(&str) -> bool| -> Vec<FileCard> {
        files.iter().filter(|card| is_it(&card.name)).cloned().collect()
    };
    let exact = find(&|name| name == safe);
    if exact.is_empty() { find(&|name| display_text(name, FILE_NAME_BYTES_MAX) == shown) } else { exact }
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{FileId, MemberKey};

    use super::*;
    use crate::exit_code;

    fn cards(names: &[&str]) -> Vec<FileCard> {
        let card = |name: &&str| FileCard {
            file: FileId([1; 16]),
            name: (*name).to_owned(),
            size: 1,
            added_by: MemberKey([2; 32]),
            added_at_ms: 0,
            torrent: None,
        };
        names.iter().map(card).collect()
    }

    #[test]
    fn all_files_or_the_named_one() {
        let choose = |names: &[&str], name| choose(&cards(names), "g", name);
        let two = ["a", "b"];
        assert_eq!(choose(&two, None).unwrap().len(), 2);
        assert_eq!(choose(&two, Some("b")).unwrap()[0].name, "b");
        assert_eq!(choose(&["_bashrc"], Some(".bashrc")).unwrap()[0].name, "_bashrc");
        let blanks = ["two  blanks", "two blanks", "a  b"];
        assert_eq!(choose(&blanks, Some("two  blanks")).unwrap()[0].name, "two  blanks");
        assert_eq!(choose(&blanks, Some("two blanks")).unwrap()[0].name, "two blanks");
        assert_eq!(choose(&blanks, Some("a b")).unwrap()[0].name, "a  b");
        assert_eq!(choose(&two, Some("c")).unwrap_err().exit, exit_code::USAGE);
        assert_eq!(choose(&[], None).unwrap_err().exit, exit_code::NO_SOURCE);
    }
}
