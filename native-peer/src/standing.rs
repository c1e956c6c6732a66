//! Whether a file can still be had: a group may be closed, or be ours no more, and a file removed from it.

use wire_protocol::control::{FileCard, GoneReason};
use wire_protocol::ids::FileId;

use crate::failure::{Failure, Outcome};
use crate::report::text::printable;
use crate::session::GroupState;

/// The card as the group has it now; `None`: the group's snapshot is on its way.
///
/// # Errors
/// The group is gone, or the file from it.
pub fn find_card<'a>(state: &'a GroupState, file: FileId, name: &str) -> Outcome<Option<&'a FileCard>> {
    let name = printable(name);
    if let Some(why) = state.gone {
        let group = state.group.as_ref().map_or("", |group| &group.name);
        return Err(not_a_member(why, &format!("the group \"{}\"", printable(group)), &name));
    }
    let Some(group) = &state.group else {
        return Ok(None);
    };
    group.file(file).map(Some).ok_or_else(|| {
        Failure::no_source(
            format!("{name} was removed from the group"),
            "Whoever added it or an admin took it out; what is there is kept.",
        )
    })
}

/// The same of a card that waits for its torrent: it may have become another one, which had that already.
///
/// # Errors
/// As [`find_card`].
pub fn find_awaited<'a>(state: &'a GroupState, card: &FileCard) -> Outcome<Option<&'a FileCard>> {
    let found = find_card(state, card.file, &card.name);
    let group = state.group.as_ref().filter(|_| state.gone.is_none() && card.torrent.is_none());
    match group.and_then(|group| group.published(&card.name, card.size)) {
        Some(same) if found.is_err() => Ok(Some(same)),
        _ => found,
    }
}

/// This person is not in the group any more, in which they shared or downloaded `file`.
fn not_a_member(why: GoneReason, group: &str, file: &str) -> Failure {
    match why {
        GoneReason::Removed => Failure::not_allowed(
            format!("you were removed from {group}"),
            format!("What you have of {file} is kept. Ask an admin of the group to let you in again."),
        ),
        GoneReason::Closed => Failure::not_allowed(
            format!("{group} was closed"),
            format!("What you have of {file} is kept. Ask for an invite to another group."),
        ),
        GoneReason::Left => Failure::not_allowed(
            format!("you are not in {group} any more"),
            format!("You left it, or the server forgot it. What you have of {file} is kept; ask for a new invite."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use membership::Group;
    use wire_protocol::control::Torrent;
    use wire_protocol::ids::{InfoHash, MemberKey};

    use super::*;
    use crate::exit_code;

    fn card(file: u8) -> FileCard {
        FileCard {
            file: FileId([file; 16]),
            name: "movie.mp4".to_owned(),
            size: 1,
            added_by: MemberKey([2; 32]),
            added_at_ms: 0,
            torrent: None,
        }
    }

    fn group(files: &[u8]) -> GroupState {
        let files = files.iter().map(|file| card(*file)).collect();
        GroupState { group: Some(Arc::new(Group { files, ..Group::default() })), ..GroupState::default() }
    }

    fn find(state: &GroupState, file: u8) -> Outcome<Option<&FileCard>> {
        find_card(state, FileId([file; 16]), "movie.mp4")
    }

    #[test]
    fn a_file_of_the_group_is_found_and_one_that_was_removed_has_no_source() {
        assert_eq!(find(&group(&[1, 2]), 2), Ok(Some(&card(2))));
        assert_eq!(find(&group(&[1]), 2).unwrap_err().exit, exit_code::NO_SOURCE);
    }

    #[test]
    fn a_card_that_waited_for_its_torrent_goes_on_as_the_one_that_had_it() {
        let torrent = Torrent { info_hash: InfoHash([7; 20]), info_len: 1, pieces: 1 };
        let published = FileCard { torrent: Some(torrent), ..card(2) };
        let with = |files: Vec<FileCard>| GroupState {
            group: Some(Arc::new(Group { files, ..Group::default() })),
            ..GroupState::default()
        };
        assert_eq!(find_awaited(&with(vec![published.clone()]), &card(1)), Ok(Some(&published)));
        assert_eq!(find_awaited(&with(vec![published.clone(), card(1)]), &card(1)), Ok(Some(&card(1))));
        let longer = FileCard { size: 2, ..published.clone() };
        assert_eq!(find_awaited(&with(vec![longer]), &card(1)).unwrap_err().exit, exit_code::NO_SOURCE);
        let other = FileCard { torrent: Some(torrent), ..card(1) };
        assert_eq!(
            find_awaited(&with(vec![published]), &other).unwrap_err().exit,
            exit_code::NO_SOURCE,
            "it was removed"
        );
    }

    #[test]
    fn before_the_snapshot_nothing_is_missing() {
        assert_eq!(find(&GroupState::default(), 1), Ok(None));
    }

    #[test]
    fn a_group_that_is_gone_is_not_allowed_and_says_how_it_went() {
        for (why, words) in [
            (GoneReason::Removed, "you were removed from the group"),
            (GoneReason::Closed, "was closed"),
            (GoneReason::Left, "you are not in the group"),
        ] {
            let gone = GroupState { gone: Some(why), ..group(&[1]) };
            let failure = find(&gone, 1).unwrap_err();
            assert_eq!(failure.exit, exit_code::NOT_ALLOWED);
            assert!(failure.what.contains(words) && failure.advice.contains("movie.mp4"), "{failure}");
        }
    }
}
