//! Making a group, and why that does not work.

use crate::messages::MakingProblem;
use crate::words::words;

/// Why a group was not made, and what to do.
pub fn problem_line(problem: &MakingProblem) -> String {
    let line = match problem {
        MakingProblem::Nameless => words().making_nameless(),
        MakingProblem::WrongPassword => words().making_wrong_password(),
        MakingProblem::InvitedOnly => words().refusals_invited_only(),
        MakingProblem::Other(sentence) => return sentence.clone(),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_reason_says_who_can_help() {
        assert!(problem_line(&MakingProblem::WrongPassword).contains("ask whoever runs the server"));
        assert!(problem_line(&MakingProblem::InvitedOnly).contains("Ask one of them for an invite"));
        assert_eq!(problem_line(&MakingProblem::Other("Try again later.".to_owned())), "Try again later.");
    }
}
