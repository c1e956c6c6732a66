//! What happened in a group, in words.

use membership::{Deed, Group, Happening};
use wire_protocol::control::Role;
use wire_protocol::ids::{FileId, MemberKey};

use super::people::name_of;
use crate::messages::ActivityView;
use crate::words::words;

/// Lines that are shown.
const LINES_MAX: usize = 30;

/// What happened lately, the latest first: what this member heard, and the files that were there before.
pub fn activity(group: &Group, me: MemberKey) -> Vec<ActivityView> {
    let heard = group.log.iter().map(|happening| ActivityView { at_ms: happening.at_ms, text: line(happening, me) });
    let told: Vec<FileId> = group.log.iter().filter_map(|happening| added(&happening.deed)).collect();
    let before = group.files.iter().filter(|card| !told.contains(&card.file)).map(|card| {
        let name = name_of(group, card.added_by);
        let text = words().activity_added(who(card.added_by, me), name, &card.name).to_string();
        ActivityView { at_ms: card.added_at_ms, text }
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
    let (words, actor, who) = (words(), &happening.actor_name, |member| who(member, me));
    let is = who(happening.actor);
    let line = match &happening.deed {
        Deed::Created => words.activity_created(is, actor),
        Deed::Joined { member, .. } if *member == happening.actor => words.activity_joined(is, actor),
        Deed::Joined { member, name } => words.activity_let_in(is, actor, who(*member), name),
        Deed::Renamed { before, name } => words.activity_renamed(before, name),
        Deed::RoleChanged { member, name, role: Role::Admin } => words.activity_admin(who(*member), name),
        Deed::RoleChanged { member, name, role: Role::Member } => words.activity_no_admin(who(*member), name),
        Deed::Left => words.activity_left(is, actor),
        Deed::Removed { name } => words.activity_removed(is, actor, name),
        Deed::FileAdded { name, .. } => words.activity_added(is, actor, name),
        Deed::FileRemoved { name } => words.activity_removed(is, actor, name),
    };
    line.to_string()
}

/// As the messages call whoever reads them.
fn who(member: MemberKey, me: MemberKey) -> &'static str {
    if member == me { "me" } else { "them" }
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
