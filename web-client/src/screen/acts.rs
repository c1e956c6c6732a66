//! What a person does in a group: what it means, said before, and why it did not happen, said after.

use wire_protocol::control::GoneReason;

use crate::messages::{Act, GroupView, MemberView};

/// A question that is asked before something that cannot be taken back.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Confirmation {
    pub title: String,
    /// What happens, in one paragraph each.
    pub lines: Vec<String>,
    /// The verb on the button.
    pub button: &'static str,
}

/// Before leaving.
pub fn leave(group: &GroupView) -> Confirmation {
    let mut lines = vec![
        "Downloads of this group stop, and the links that you made open nothing any more. What you already saved is yours."
            .to_owned(),
    ];
    lines.extend(after_leaving(group));
    Confirmation { title: format!("Leave {}?", group.name), lines, button: "Leave" }
}

/// What becomes of the group.
fn after_leaving(group: &GroupView) -> Option<String> {
    let others = || group.members.iter().filter(|member| !member.is_me);
    let has_other_admin = others().any(|member| member.is_admin);
    match others().next() {
        None => Some("Nobody else is in the group: it is closed.".to_owned()),
        Some(eldest) if group.is_admin && !has_other_admin => Some(format!(
            "You are the only admin: {}, who has been here longest, becomes one. To choose somebody else, make them an admin \
             first.",
            eldest.name
        )),
        Some(_) if group.is_admin => None,
        Some(_) => Some("To come back you need a link, or an admin who lets you in.".to_owned()),
    }
}

/// Before closing a group.
pub fn close(group: &GroupView) -> Confirmation {
    let count = group.members.len();
    let whom = if count == 1 { "you".to_owned() } else { format!("all {count} members") };
    let lines = vec![
        format!("The group ends for {whom}: its files, links and requests are gone, and downloads stop."),
        "What people already saved stays theirs. This cannot be undone.".to_owned(),
    ];
    Confirmation { title: format!("Close {} for everybody?", group.name), lines, button: "Close the group" }
}

/// Before removing somebody.
pub fn remove(member: &MemberView, group: &str) -> Confirmation {
    let name = &member.name;
    let lines = vec![
        format!(
            "{name}'s links to the others are cut at once, and the group gets a new key, so that {name} cannot read what is sent \
             from now on. What {name} already saved stays theirs."
        ),
        format!("{name} comes back only if an admin accepts their request."),
    ];
    Confirmation { title: format!("Remove {name} from {group}?"), lines, button: "Remove" }
}

/// What goes on if links are not revoked.
pub const KEEP_LINKS_LINE: &str = "Links that this browser made go on. All others are revoked in any case: only whoever made them can \
                                   put the new key in.";

/// Before taking a file out of the group.
pub fn remove_file(name: &str) -> Confirmation {
    let lines = vec![format!(
        "Nobody can download {name} from this group any more, and downloads that run now stop. What people already saved stays \
         theirs."
    )];
    Confirmation { title: format!("Remove {name}?"), lines, button: "Remove the file" }
}

/// Why something did not happen. `why` is the server's sentence, which says what to do.
pub fn not_done(act: &Act, whom: &str, why: &str) -> String {
    let what = match act {
        Act::Accept(_) => format!("{whom} was not let in"),
        Act::Refuse(_) => format!("{whom} was not told no"),
        Act::Promote(_) | Act::Demote(_) => format!("What {whom} may do was not changed"),
        Act::Remove { .. } => format!("{whom} was not removed"),
        Act::RemoveFile(_) => format!("{whom} was not removed"),
        Act::Invite(_) => "The link was not made".to_owned(),
        Act::Revoke(_) => "The link was not revoked".to_owned(),
        Act::EndOwnTorrents => format!("Your torrent files of {whom} are as good as before"),
        Act::Leave => format!("You have not left {whom}"),
        Act::Close => format!("{whom} was not closed"),
    };
    format!("{what}: {why}")
}

/// What is said when a group is gone.
pub fn gone(group: &str, why: GoneReason) -> String {
    match why {
        GoneReason::Left => format!("You left {group}. What you already saved is yours."),
        GoneReason::Removed => format!("You were removed from {group}. What you already saved is yours."),
        GoneReason::Closed => format!("{group} was closed. What you already saved is yours."),
    }
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
        assert_eq!(last_line(&group(true, Vec::new())), "Nobody else is in the group: it is closed.");
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
        assert_eq!((title.as_str(), button), ("Remove Bo from Cabin trip?", "Remove"));
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
