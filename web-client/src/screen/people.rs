//! The people of a group, and those who ask to be among them.

use membership::Group;
use wire_protocol::ids::MemberKey;

use crate::messages::{GroupView, MemberView, RequestView};
use crate::words::words;

/// What a member is called; of somebody who has left nothing else is known.
pub fn name_of(group: &Group, key: MemberKey) -> String {
    let somebody = || words().people_somebody_who_left().to_string();
    group.member(key).map_or_else(somebody, |member| member.display_name.clone())
}

/// What is worth saying of a member behind their name: `you · admin`.
pub fn member_line(member: &MemberView) -> String {
    let words = words();
    let marks = [
        (member.is_me, words.people_you()),
        (member.is_admin, words.people_admin()),
        (member.is_sharing && !member.is_me, words.people_sharing()),
    ];
    let said: Vec<_> = marks.into_iter().filter(|(is, _)| *is).map(|(_, mark)| mark.to_string()).collect();
    said.join(" · ")
}

/// Whether a name alone does not say who is meant: two have it, or look as if they had.
pub fn is_ambiguous(members: &[MemberView], name: &str) -> bool {
    members.iter().filter(|member| looks_like(&member.name, name)).count() > 1
}

/// Whether somebody who asks calls themselves as a member does.
pub fn is_taken(members: &[MemberView], request: &RequestView) -> bool {
    members.iter().any(|member| looks_like(&member.name, &request.name))
}

fn looks_like(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

/// What an admin should know before an answer.
pub fn request_line(request: &RequestView) -> String {
    let by = match &request.invited_by {
        Some(name) => words().people_invited_by(name),
        None => words().people_no_invite(),
    };
    match request.was_removed {
        true => format!("{by} · {}", words().people_was_removed()),
        false => by.to_string(),
    }
}

/// In the list of groups: `admin · 2 files · 1 person wants to join`.
pub fn group_line(group: &GroupView) -> String {
    let admin = group.is_admin.then(|| words().people_admin().to_string());
    let files = words().people_files(group.files.len()).to_string();
    let said = [admin, Some(files), waiting_line(&group.requests)];
    said.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// How many ask to join; `None`: nobody.
pub fn waiting_line(requests: &[RequestView]) -> Option<String> {
    (!requests.is_empty()).then(|| words().people_want_to_join(requests.len()).to_string())
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{GroupId, MemberKey};

    use super::*;

    fn member(number: u8, name: &str) -> MemberView {
        let (name, mark) = (name.to_owned(), String::new());
        MemberView { member: MemberKey([number; 32]), mark, name, is_me: false, is_admin: false, is_sharing: false }
    }

    fn request(name: &str, invited_by: Option<&str>, was_removed: bool) -> RequestView {
        RequestView {
            member: MemberKey([9; 32]),
            name: name.to_owned(),
            mark: String::new(),
            message: String::new(),
            invited_by: invited_by.map(str::to_owned),
            was_removed,
            is_being_answered: false,
        }
    }

    #[test]
    fn a_name_that_two_have_is_ambiguous_however_it_is_spelled() {
        let members = [member(1, "Ana"), member(2, "ana"), member(3, "Bo")];
        assert!(is_ambiguous(&members, "Ana"));
        assert!(!is_ambiguous(&members, "Bo"));
        assert!(is_taken(&members, &request("BO", None, false)));
        assert!(!is_taken(&members, &request("Cy", None, false)));
    }

    #[test]
    fn an_admin_reads_whose_invite_it_was_and_that_somebody_was_removed() {
        assert_eq!(request_line(&request("Bo", Some("Ana"), false)), "invited by Ana");
        assert_eq!(
            request_line(&request("Bo", None, true)),
            "came without an invite · was removed from this group before"
        );
    }

    #[test]
    fn the_list_of_groups_says_the_role_and_who_waits() {
        let mut group = GroupView {
            group: GroupId([1; 16]),
            slug: String::new(),
            name: String::new(),
            is_admin: true,
            invite: None,
            members: Vec::new(),
            files: Vec::new(),
            requests: vec![request("Bo", None, false)],
            invites: None,
            activity: Vec::new(),
        };
        assert_eq!(group_line(&group), "admin · 0 files · 1 person wants to join");
        (group.is_admin, group.requests) = (false, Vec::new());
        assert_eq!(group_line(&group), "0 files");
    }
}
