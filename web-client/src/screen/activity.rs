//! What happened in a group, in words.

use membership::{Deed, Group, Happening};
use wire_protocol::control::Role;
use wire_protocol::ids::{FileId, MemberKey};

use crate::messages::ActivityView;

/// Lines that are shown.
const LINES_MAX: usize = 30;

/// What happened lately, the latest first: what this member heard, and the files that were there before.
pub fn activity(group: &Group, me: MemberKey) -> Vec<ActivityView> {
    let heard = group.log.iter().map(|happening| ActivityView { at_ms: happening.at_ms, text: line(happening, me) });
    let told: Vec<FileId> = group.log.iter().filter_map(|happening| added(&happening.deed)).collect();
    let before = group.files.iter().filter(|card| !told.contains(&card.file)).map(|card| {
        let actor = who(card.added_by, group.name_of(card.added_by), me);
        ActivityView { at_ms: card.added_at_ms, text: format!("{actor} added {}", card.name) }
    });
    let mut lines: Vec<_> = before.chain(heard).collect();
    // Stable: what happened in the same moment stays in its order.
    lines.sort_by_key(|line| line.at_ms);
    lines.reverse();
    lines.truncate(LINES_MAX);
    lines
}

fn added(deed: &Deed) -> Option<FileId> {
    if let Deed::FileAdded { file, .. } = deed { Some(*file) } else { None }
}

/// `Ana let Bo in`.
pub fn line(happening: &Happening, me: MemberKey) -> String {
    let actor = who(happening.actor, &happening.actor_name, me);
    match &happening.deed {
        Deed::Created => format!("{actor} made the group"),
        Deed::Joined { member, .. } if *member == happening.actor => format!("{actor} joined"),
        Deed::Joined { member, name } => format!("{actor} let {} in", whom(*member, name, me)),
        Deed::Renamed { before, name } => format!("{before} is called {name} now"),
        Deed::RoleChanged { member, name, role } => {
            let (member, is) = (who(*member, name, me), if *member == me { "are" } else { "is" });
            match role {
                Role::Admin => format!("{member} {is} an admin now"),
                Role::Member => format!("{member} {is} not an admin any more"),
            }
        }
        Deed::Left => format!("{actor} left"),
        Deed::Removed { name } => format!("{actor} removed {name}"),
        Deed::FileAdded { name, .. } => format!("{actor} added {name}"),
        Deed::FileRemoved { name } => format!("{actor} removed {name}"),
    }
}

fn who(member: MemberKey, name: &str, me: MemberKey) -> &str {
    if member == me { "You" } else { name }
}

fn whom(member: MemberKey, name: &str, me: MemberKey) -> &str {
    if member == me { "you" } else { name }
}

#[cfg(test)]
mod tests {
    use wire_protocol::control::FileCard;

    use super::*;

    const ME: MemberKey = MemberKey([1; 32]);
    const ANA: MemberKey = MemberKey([2; 32]);
    const BO: MemberKey = MemberKey([3; 32]);
    const MOVIE: FileId = FileId([4; 16]);

    fn said(actor: MemberKey, deed: Deed) -> String {
        let actor_name = if actor == ME { "Me Myself" } else { "Ana" }.to_owned();
        line(&Happening { at_ms: 0, actor, actor_name, deed }, ME)
    }

    #[test]
    fn a_deed_is_one_sentence_and_the_reader_is_you() {
        let joined = |member| Deed::Joined { member, name: "Bo".to_owned() };
        assert_eq!(said(ANA, joined(ANA)), "Ana joined");
        assert_eq!(said(ANA, joined(BO)), "Ana let Bo in");
        assert_eq!(said(ANA, joined(ME)), "Ana let you in");
        assert_eq!(said(ME, Deed::FileRemoved { name: "movie.mp4".to_owned() }), "You removed movie.mp4");
        assert_eq!(said(ANA, Deed::Removed { name: "Bo".to_owned() }), "Ana removed Bo");
        let role = |member, role| Deed::RoleChanged { member, name: "Bo".to_owned(), role };
        assert_eq!(said(ANA, role(BO, Role::Admin)), "Bo is an admin now");
        assert_eq!(said(ANA, role(ME, Role::Member)), "You are not an admin any more");
    }

    #[test]
    fn files_from_before_this_visit_are_told_once_and_the_latest_comes_first() {
        let card = |file, name: &str, added_at_ms| {
            let name = name.to_owned();
            FileCard { file, name, size: 1, added_by: ANA, added_at_ms, torrent: None }
        };
        let mut group = Group {
            files: vec![card(MOVIE, "movie.mp4", 20), card(FileId([5; 16]), "old.iso", 10)],
            ..Group::default()
        };
        let deed = Deed::FileAdded { file: MOVIE, name: "movie.mp4".to_owned() };
        group.log.push_back(Happening { at_ms: 20, actor: ANA, actor_name: "Ana".to_owned(), deed });
        let texts: Vec<_> = activity(&group, ME).into_iter().map(|line| line.text).collect();
        assert_eq!(texts, ["Ana added movie.mp4", "somebody who left added old.iso"]);
    }
}
