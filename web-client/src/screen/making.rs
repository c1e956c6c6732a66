//! Making a group, and why that does not work.

use crate::messages::MakingProblem;

/// What it is good for.
pub const PURPOSE_LINE: &str = "For the people you share with. You get a link that lets them in.";

/// Why there is a field for a password.
pub const PASSWORD_LINE: &str = "This server is not open to everybody: making a group here takes a password. Whoever runs the server \
                                 has it. You are asked once.";

/// Said while what is to be shared waits for its group.
pub const WAITS_LINE: &str = "What you picked is shared as soon as the group is there.";

/// Why a group was not made, and what to do.
pub fn problem_line(problem: &MakingProblem) -> String {
    match problem {
        MakingProblem::Nameless => "Give the group a name: the others read it in your invite.".to_owned(),
        MakingProblem::WrongPassword => {
            "This is not the server's password. Check how it is written, or ask whoever runs the server.".to_owned()
        }
        MakingProblem::InvitedOnly => {
            "Only who is in a group on this server can make another one here. Ask somebody who is for an invite, or to make \
             the group for you."
                .to_owned()
        }
        MakingProblem::Other(sentence) => sentence.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_says_who_can_help() {
        assert!(problem_line(&MakingProblem::WrongPassword).contains("ask whoever runs the server"));
        assert!(problem_line(&MakingProblem::InvitedOnly).contains("Ask somebody who is for an invite"));
        assert_eq!(problem_line(&MakingProblem::Other("Try again later.".to_owned())), "Try again later.");
    }
}
