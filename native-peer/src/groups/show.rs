//! What the `group` commands print: a line for people, and an object for scripts.

use membership::Group;
use serde_json::{Value, json};
use wire_protocol::control::{FileCard, InviteCard, JoinRequest, Member, MyRequest, Role};
use wire_protocol::ids::MemberKey;

use crate::report::FullCopies;
use crate::report::text::{counted, lasting, people, printable, size};

/// A group of the person `own`.
pub fn group(group: &Group, own: MemberKey) -> (String, Value) {
    let role = group.role(own).map_or("member", role_name);
    let line = format!(
        "{:<24} {:<7} {:<10} {:<9} {}",
        printable(&group.slug),
        role,
        people(group.members.len()),
        counted(group.files.len(), "file"),
        printable(&group.name),
    );
    let object = json!({
        "v": 1, "t": "group", "slug": printable(&group.slug), "name": printable(&group.name), "role": role,
        "members": group.members.len(), "files": group.files.len(),
    });
    (line, object)
}

/// What the person has asked for.
pub fn own_request(request: &MyRequest) -> (String, Value) {
    let state = if request.is_refused { "refused" } else { "asked" };
    let meaning = match request.is_refused {
        true => "an admin said no; you may ask again",
        false => "you have asked to join; an admin has to let you in",
    };
    let line = format!("{:<24} {state:<7} {meaning}", printable(&request.slug));
    let object = json!({
        "v": 1, "t": "own_request", "slug": printable(&request.slug), "message": printable(&request.message),
        "refused": request.is_refused, "asked_at_ms": request.asked_at_ms,
    });
    (line, object)
}

/// A member of a group.
pub fn member(member: &Member, own: MemberKey) -> (String, Value) {
    let (mark, role, is_you) = (member.key.mark(), role_name(member.role), member.key == own);
    let you = if is_you { " (you)" } else { "" };
    let line = format!("{mark}  {role:<7} {}{you}", printable(&member.display_name));
    let object = json!({
        "v": 1, "t": "member", "name": printable(&member.display_name), "mark": mark, "role": role, "you": is_you,
    });
    (line, object)
}

/// Somebody who asks to join `group`.
pub fn request(request: &JoinRequest, group: &Group, now_ms: u64) -> (String, Value) {
    let mark = request.member.mark();
    let invited_by = request.invited_by.map(|member| printable(group.name_of(member)));
    let mut line = format!("{mark}  {}", printable(&request.display_name));
    if !request.message.is_empty() {
        line.push_str(&format!(": \"{}\"", printable(&request.message)));
    }
    line.push_str(&match &invited_by {
        Some(name) => format!(" - with an invite of {name}"),
        None => " - without an invite".to_owned(),
    });
    if request.was_removed {
        line.push_str(", was removed before");
    }
    line.push_str(&format!(", {} ago", lasting(since(request.asked_at_ms, now_ms))));
    let object = json!({
        "v": 1, "t": "request", "name": printable(&request.display_name), "mark": mark,
        "message": printable(&request.message), "invited_by": invited_by, "was_removed": request.was_removed,
        "asked_at_ms": request.asked_at_ms,
    });
    (line, object)
}

/// An open invite to `group`. `is_kept`: its link is in this program's data folder.
pub fn invite(card: &InviteCard, group: &Group, own: MemberKey, is_kept: bool, now_ms: u64) -> (String, Value) {
    let is_yours = card.created_by == own;
    let by = printable(group.name_of(card.created_by));
    let maker = if is_yours { "you".to_owned() } else { format!("{by} ({})", card.created_by.mark()) };
    let line = format!(
        "{}  {:<10} {:<16} ends in {:<10} by {maker}",
        card.invite.short(),
        if card.needs_accept { "asks first" } else { "lets in" },
        card.uses_left
            .map_or_else(|| "any number".to_owned(), |uses| format!("{} left", counted(uses as usize, "use"))),
        lasting(since(now_ms, card.expires_at_ms)),
    );
    let object = json!({
        "v": 1, "t": "open_invite", "id": card.invite.to_string(), "by": by, "by_mark": card.created_by.mark(),
        "yours": is_yours, "kept": is_kept, "ask": card.needs_accept, "uses_left": card.uses_left,
        "expires_at_ms": card.expires_at_ms,
    });
    (line, object)
}

/// A file of `group`.
pub fn file(card: &FileCard, group: &Group) -> (String, Value) {
    let count = group.count(card.file);
    let by = printable(group.name_of(card.added_by));
    let state = match (card.torrent, count.preparing) {
        (None, 0) => "not prepared, and whoever shares it is offline".to_owned(),
        (None, _) => "is being prepared".to_owned(),
        (Some(_), _) => format!("{} online", FullCopies(count.seeders)),
    };
    let line = format!("{}  {:>8}  {}  by {by}, {state}", card.file.short(), size(card.size), printable(&card.name));
    let object = json!({
        "v": 1, "t": "file", "id": card.file.to_string(), "name": printable(&card.name), "size": card.size, "by": by,
        "info_hash": card.torrent.map(|torrent| torrent.info_hash.to_string()), "seeders": count.seeders,
        "leechers": count.leechers, "preparing": count.preparing,
    });
    (line, object)
}

/// `admin`, `member`.
pub fn role_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "admin",
        Role::Member => "member",
    }
}

fn since(from_ms: u64, to_ms: u64) -> std::time::Duration {
    std::time::Duration::from_millis(to_ms.saturating_sub(from_ms))
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::InviteId;

    use super::*;

    fn ana() -> Member {
        Member { key: MemberKey([1; 32]), display_name: "Ana\u{1b}[2J".to_owned(), role: Role::Admin }
    }

    #[test]
    fn a_member_is_shown_with_role_and_mark_and_without_escapes() {
        let (line, object) = member(&ana(), ana().key);
        assert!(line.contains(&ana().key.mark()) && line.contains("admin") && line.ends_with("(you)"), "{line}");
        assert!(!line.contains('\u{1b}'));
        assert_eq!((object["role"].as_str(), object["you"].as_bool()), (Some("admin"), Some(true)));
    }

    #[test]
    fn an_invite_says_in_words_when_it_ends_whom_it_lets_in_and_whose_it_is() {
        let group = Group { members: vec![ana()], ..Group::default() };
        let card = InviteCard {
            invite: InviteId([0xab; 16]),
            created_by: ana().key,
            created_at_ms: 0,
            expires_at_ms: 7 * 86_400_000,
            uses_left: Some(1),
            needs_accept: true,
            epoch: Some(0),
        };
        let (line, _) = invite(&card, &group, MemberKey([9; 32]), false, 0);
        for words in ["abababab", "asks first", "1 use left", "ends in 7 days", "by Ana"] {
            assert!(line.contains(words), "`{words}` is not in {line}");
        }
        assert!(invite(&card, &group, ana().key, true, 0).0.ends_with("by you"));
    }
}
