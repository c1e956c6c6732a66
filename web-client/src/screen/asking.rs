//! Asking to be let in, and waiting for the answer.

use crate::messages::Asked;
use crate::words::words;

/// The group as far as a visitor may know it: its name, else its two friendly words.
pub fn asked_group(asked: &Asked) -> &str {
    asked.name.as_deref().unwrap_or(&asked.slug)
}

/// Whom the answer hangs on.
pub fn waiting_line(asked: &Asked) -> String {
    let group = asked_group(asked);
    let line = match &asked.invited_by {
        Some(name) => words().asking_wait_for(name, group),
        None => words().asking_wait(group),
    };
    line.to_string()
}

/// An admin said no, and what can be done.
pub fn refused_line(asked: &Asked) -> String {
    let group = asked_group(asked);
    let line = match &asked.invited_by {
        Some(name) => words().asking_refused_by(group, name),
        None => words().asking_refused(group),
    };
    line.to_string()
}

/// What is said when the answer comes while the person looks at something else.
pub fn accepted_notice(group: &str) -> String {
    words().asking_accepted_notice(group).to_string()
}

/// The same, if it is no.
pub fn refused_notice(slug: &str) -> String {
    words().asking_refused_notice(slug).to_string()
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::GroupId;

    use super::*;

    fn asked(name: Option<&str>, invited_by: Option<&str>) -> Asked {
        let (name, invited_by) = (name.map(str::to_owned), invited_by.map(str::to_owned));
        Asked { group: GroupId([1; 16]), slug: "lively-otter".to_owned(), name, invited_by, message: String::new() }
    }

    #[test]
    fn a_wait_names_whom_it_hangs_on_and_the_group_as_far_as_it_is_known() {
        let line = waiting_line(&asked(Some("Cabin trip"), Some("Ana")));
        assert!(line.starts_with("Ana, or another admin of Cabin trip, has to let you in."), "{line}");
        let line = waiting_line(&asked(None, None));
        assert!(line.starts_with("An admin of lively-otter has to let you in."), "{line}");
    }

    #[test]
    fn a_no_says_what_can_be_done() {
        let line = refused_line(&asked(Some("Cabin trip"), Some("Ana")));
        assert_eq!(line, "An admin of Cabin trip said no. If that is a mistake, talk to Ana, and ask again.");
        assert!(refused_line(&asked(None, None)).contains("talk to somebody in the group"));
    }
}
