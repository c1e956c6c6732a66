//! What happened in a group, for people to read: the last things that its events told.

use std::collections::VecDeque;

use wire_protocol::control::{DISPLAY_NAME_CHARS_MAX, GroupChange, GroupEvent, Role};
use wire_protocol::ids::{FileId, MemberKey};
use wire_protocol::text::{display_text, file_name};

use crate::group::Group;

/// Things that are kept of one group; one is about 200 bytes.
pub const HAPPENINGS_MAX: usize = 64;

/// One thing that somebody did. Names are those of that moment: whoever has left is still called something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Happening {
    /// Unix milliseconds, the tracker's clock.
    pub at_ms: u64,
    /// Who did it.
    pub actor: MemberKey,
    /// What they are called.
    pub actor_name: String,
    pub deed: Deed,
}

/// What somebody did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deed {
    /// Made the group.
    Created,
    /// `member` is in the group; if it is not the actor, the actor has let them in.
    Joined {
        member: MemberKey,
        name: String,
    },
    /// A member is called otherwise.
    Renamed {
        before: String,
        name: String,
    },
    /// `member` may do other things than before.
    RoleChanged {
        member: MemberKey,
        name: String,
        role: Role,
    },
    Left,
    /// Removed a member.
    Removed {
        name: String,
    },
    FileAdded {
        file: FileId,
        name: String,
    },
    FileRemoved {
        name: String,
    },
}

/// The last [`HAPPENINGS_MAX`] things, oldest first.
pub(crate) fn note(log: &mut VecDeque<Happening>, happening: Happening) {
    if log.len() >= HAPPENINGS_MAX {
        log.pop_front();
    }
    log.push_back(happening);
}

/// What an event says, in a group that has not applied it yet. `None`: nothing that people need to read.
pub(crate) fn read(group: &Group, event: &GroupEvent) -> Option<Happening> {
    let deed = deed(group, &event.change)?;
    // Whoever comes in by themselves is not in the group yet.
    let actor_name = match &deed {
        Deed::Joined { member, name } if *member == event.actor => name.clone(),
        _ => group.name_of(event.actor).to_owned(),
    };
    Some(Happening { at_ms: event.at_ms, actor: event.actor, actor_name, deed })
}

fn deed(group: &Group, change: &GroupChange) -> Option<Deed> {
    match change {
        GroupChange::Created { .. } => Some(Deed::Created),
        GroupChange::Member(now) => {
            let (member, name) = (now.key, display_text(&now.display_name, DISPLAY_NAME_CHARS_MAX));
            match group.member(member) {
                None => Some(Deed::Joined { member, name }),
                Some(before) if before.role != now.role => Some(Deed::RoleChanged { member, name, role: now.role }),
                Some(before) if before.display_name != name => {
                    Some(Deed::Renamed { before: before.display_name.clone(), name })
                }
                Some(_) => None,
            }
        }
        GroupChange::MemberLeft(_) => Some(Deed::Left),
        GroupChange::MemberRemoved { member, .. } => Some(Deed::Removed { name: group.name_of(*member).to_owned() }),
        GroupChange::File(card) if group.file(card.file).is_none() => {
            Some(Deed::FileAdded { file: card.file, name: file_name(&card.name) })
        }
        GroupChange::FileRemoved(file) => Some(Deed::FileRemoved { name: group.file(*file)?.name.clone() }),
        GroupChange::File(_) | GroupChange::InvitesChanged | GroupChange::RequestsChanged | GroupChange::Closed => None,
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::{FileCard, Member};
    use wire_protocol::ids::GroupId;

    use super::*;

    const ANA: MemberKey = MemberKey([1; 32]);
    const BO: MemberKey = MemberKey([2; 32]);
    const MOVIE: FileId = FileId([3; 16]);

    fn member(key: MemberKey, name: &str, role: Role) -> GroupChange {
        GroupChange::Member(Member { key, display_name: name.to_owned(), role })
    }

    fn card(name: &str) -> GroupChange {
        let (size, added_at_ms) = (1, 0);
        GroupChange::File(FileCard {
            file: MOVIE,
            name: name.to_owned(),
            size,
            added_by: ANA,
            added_at_ms,
            torrent: None,
        })
    }

    fn happen(group: &mut Group, actor: MemberKey, change: GroupChange) {
        let seq = group.seq + 1;
        group.apply(GroupEvent { group: GroupId([9; 16]), seq, at_ms: 1000 + seq, actor, change });
    }

    fn deeds(group: &Group) -> Vec<(&str, Deed)> {
        group.log.iter().map(|happening| (happening.actor_name.as_str(), happening.deed.clone())).collect()
    }

    #[test]
    fn each_deed_is_kept_with_the_names_of_its_moment() {
        let mut group = Group::default();
        happen(&mut group, ANA, member(ANA, "Ana", Role::Admin));
        happen(&mut group, ANA, member(BO, "Bo", Role::Member));
        happen(&mut group, BO, member(BO, "Bob", Role::Member));
        happen(&mut group, ANA, member(BO, "Bob", Role::Admin));
        happen(&mut group, ANA, card("movie.mp4"));
        happen(&mut group, ANA, card("movie.mp4"));
        happen(&mut group, BO, GroupChange::FileRemoved(MOVIE));
        happen(&mut group, ANA, GroupChange::MemberRemoved { member: BO, epoch: 1 });
        happen(&mut group, ANA, GroupChange::InvitesChanged);
        let (ana, bo, bob) = ("Ana".to_owned(), "Bo".to_owned(), "Bob".to_owned());
        let movie = || "movie.mp4".to_owned();
        assert_eq!(
            deeds(&group),
            [
                ("Ana", Deed::Joined { member: ANA, name: ana }),
                ("Ana", Deed::Joined { member: BO, name: bo.clone() }),
                ("Bo", Deed::Renamed { before: bo, name: bob.clone() }),
                ("Ana", Deed::RoleChanged { member: BO, name: bob.clone(), role: Role::Admin }),
                ("Ana", Deed::FileAdded { file: MOVIE, name: movie() }),
                ("Bob", Deed::FileRemoved { name: movie() }),
                ("Ana", Deed::Removed { name: bob }),
            ]
        );
        assert_eq!((group.seq, group.log[0].at_ms), (9, 1001));
    }

    #[test]
    fn only_the_last_things_are_kept() {
        let mut group = Group::default();
        for _ in 0..HAPPENINGS_MAX {
            happen(&mut group, ANA, card("movie.mp4"));
            happen(&mut group, ANA, GroupChange::FileRemoved(MOVIE));
        }
        assert_eq!(group.log.len(), HAPPENINGS_MAX);
        assert_eq!(group.log.back().map(|last| last.at_ms), Some(1000 + group.seq));
    }
}
