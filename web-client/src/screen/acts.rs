//! What a person does in a group: what it means, said before, and why it did not happen, said after.

use wire_protocol::control::GoneReason;

use crate::messages::{Act, GroupView, MemberView};
use crate::words::words;

/// A question that is asked before something that cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmation {
    pub title: String,
    /// What happens, in one paragraph each.
    pub lines: Vec<String>,
    /// The verb on the button.
    pub button: String,
}

/// Before leaving.
pub fn leave(group: &GroupView) -> Confirmation {
    let words = words();
    let mut lines = vec![words.acts_leave().to_string()];
    lines.extend(after_leaving(group));
    let (title, button) = (words.acts_leave_title(&group.name), words.acts_leave_button());
    Confirmation { title: title.to_string(), lines, button: button.to_string() }
}

/// What becomes of the group.
fn after_leaving(group: &GroupView) -> Option<String> {
    let others = || group.members.iter().filter(|member| !member.is_me);
    let has_other_admin = others().any(|member| member.is_admin);
    let line = match others().next() {
        None => words().acts_leave_last(),
        Some(eldest) if group.is_admin && !has_other_admin => words().acts_leave_only_admin(&eldest.name),
        Some(_) if group.is_admin => return None,
        Some(_) => words().acts_leave_come_back(),
    };
    Some(line.to_string())
}

/// Before closing a group.
pub fn close(group: &GroupView) -> Confirmation {
    let words = words();
    let lines = [words.acts_close(group.members.len()), words.acts_close_for_good()];
    Confirmation {
        title: words.acts_close_title(&group.name).to_string(),
        lines: lines.map(|line| line.to_string()).into(),
        button: words.acts_close_button().to_string(),
    }
}

/// Before removing somebody.
pub fn remove(member: &MemberView, group: &str) -> Confirmation {
    let (words, name) = (words(), &member.name);
    let lines = [words.acts_remove(name), words.acts_remove_come_back(name)];
    Confirmation {
        title: words.acts_remove_title(name, group).to_string(),
        lines: lines.map(|line| line.to_string()).into(),
        button: words.acts_remove_button().to_string(),
    }
}

/// Before taking a file out of the group.
pub fn remove_file(name: &str) -> Confirmation {
    let words = words();
    Confirmation {
        title: words.acts_remove_file_title(name).to_string(),
        lines: vec![words.acts_remove_file(name).to_string()],
        button: words.acts_remove_file_button().to_string(),
    }
}

/// Why something did not happen. `why` is a sentence, which says what to do.
pub fn not_done(act: &Act, whom: &str, why: &str) -> String {
    let words = words();
    let line = match act {
        Act::Accept(_) => words.acts_not_let_in(whom, why),
        Act::Refuse(_) => words.acts_not_refused(whom, why),
        Act::Promote(_) | Act::Demote(_) => words.acts_not_changed(whom, why),
        Act::Remove { .. } | Act::RemoveFile(_) => words.acts_not_removed(whom, why),
        Act::Invite(_) => words.acts_no_link(why),
        Act::Revoke(_) => words.acts_not_revoked(why),
        Act::EndOwnTorrents => words.acts_torrents_not_ended(whom, why),
        Act::Leave => words.acts_not_left(whom, why),
        Act::Close => words.acts_not_closed(whom, why),
    };
    line.to_string()
}

/// What is said when a group is gone.
pub fn gone(group: &str, why: GoneReason) -> String {
    let line = match why {
        GoneReason::Left => words().acts_gone_left(group),
        GoneReason::Removed => words().acts_gone_removed(group),
        GoneReason::Closed => words().acts_gone_closed(group),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{GroupId, MemberKey};

    use super::*;

    fn member(name: &str, is_me: bool, is_admin: bool) -> MemberView {
        let mark = "k7fq-2mza".to_owned();
        MemberView { member: MemberKey([1; 32]), mark, name: name.to_owned(), is_me, is_admin, is_sharing: false }
    }

    fn group(is_admin: bool, others: Vec<MemberView>) -> GroupView {
        let mut members = others;
        members.push(member("Me", true, is_admin));
        GroupView {
            group: GroupId([1; 16]),
            slug: "lively-otter".to_owned(),
            name: "Cabin trip".to_owned(),
            is_admin,
            invite: None,
            members,
            files: Vec::new(),
            requests: Vec::new(),
            invites: None,
            activity: Vec::new(),
        }
    }

    fn last_line(group: &GroupView) -> String {
        leave(group).lines.pop().unwrap_or_default()
    }

    #[test]
    fn whoever_leaves_is_told_what_becomes_of_the_group_and_of_them() {
        assert_eq!(last_line(&group(true, Vec::new())), "Nobody else is in the group: when you leave, it is closed.");
        let others = || vec![member("Ana", false, false), member("Bo", false, false)];
        let next = last_line(&group(true, others()));
        assert!(next.starts_with("You are the only admin: Ana, who has been here longest, becomes one."), "{next}");
        let with_admin = group(true, vec![member("Ana", false, true)]);
        assert_eq!(leave(&with_admin).lines.len(), 1, "nothing changes for the others");
        assert!(last_line(&group(false, others())).starts_with("To come back you need a link"));
    }

    #[test]
    fn a_removal_says_what_ends_and_what_does_not() {
        let Confirmation { title, lines, button } = remove(&member("Bo", false, false), "Cabin trip");
        assert_eq!((title.as_str(), button.as_str()), ("Remove Bo from Cabin trip?", "Remove"));
        assert!(lines[0].contains("cut at once") && lines[0].contains("already saved stays theirs"), "{lines:?}");
    }

    #[test]
    fn a_group_that_is_gone_is_one_sentence_with_the_reason_and_what_is_kept() {
        let said = |why| gone("Cabin trip", why);
        assert_eq!(said(GoneReason::Removed), "You were removed from Cabin trip. What you already saved is yours.");
        assert!(said(GoneReason::Closed).starts_with("Cabin trip was closed."));
        assert!(said(GoneReason::Left).starts_with("You left Cabin trip."));
    }

    #[test]
    fn what_did_not_happen_is_said_with_whom_and_why() {
        let who = MemberKey([1; 32]);
        let said = not_done(&Act::Accept(who), "Bo", "This person does not ask to join any more.");
        assert_eq!(said, "Bo was not let in: This person does not ask to join any more.");
        let said = not_done(&Act::Leave, "Cabin trip", "Try again.");
        assert_eq!(said, "You have not left Cabin trip: Try again.");
    }
}
