//! A group that this person makes, until it is there.

use serde::{Deserialize, Serialize};
use wire_protocol::control::{Refusal, RefusalCode};

/// How far it is.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Making {
    /// The server has not answered yet.
    pub is_under_way: bool,
    /// The server asks for its password; it does until the right one was shown.
    pub takes_password: bool,
    /// What it is called, if it is made for something that is to be shared: that waits for it.
    pub proposed: Option<String>,
    /// Why it was not made.
    pub problem: Option<MakingProblem>,
}

/// Why a group was not made. The words for each are in [`crate::screen::making`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum MakingProblem {
    /// It has no name.
    Nameless,
    /// Not the server's password.
    WrongPassword,
    /// Only who is in a group of this server may make another one.
    InvitedOnly,
    /// Something else: the server's sentence.
    Other(String),
}

impl Making {
    /// The person pressed the button. `false`: they pressed it twice.
    pub fn begin(&mut self) -> bool {
        self.problem = None;
        !std::mem::replace(&mut self.is_under_way, true)
    }

    /// The server does not want to; `sentence` is what it says.
    pub fn on_refused(&mut self, refusal: &Refusal, sentence: String) {
        self.is_under_way = false;
        self.problem = match refusal.code {
            RefusalCode::PasswordNeeded => {
                self.takes_password = true;
                None
            }
            RefusalCode::WrongPassword => Some(MakingProblem::WrongPassword),
            RefusalCode::InvitedOnly => Some(MakingProblem::InvitedOnly),
            _ => Some(MakingProblem::Other(sentence)),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(making: &mut Making, code: RefusalCode) {
        making.on_refused(&Refusal { code, message: String::new() }, "No.".to_owned());
    }

    #[test]
    fn a_password_is_asked_for_until_it_was_right_and_a_wrong_one_is_said() {
        let mut making = Making::default();
        assert!(making.begin() && !making.begin(), "once at a time");
        refused(&mut making, RefusalCode::PasswordNeeded);
        assert_eq!(making, Making { takes_password: true, ..Making::default() });
        assert!(making.begin());
        refused(&mut making, RefusalCode::WrongPassword);
        assert_eq!(making.problem, Some(MakingProblem::WrongPassword));
        assert!(making.begin() && making.takes_password && making.problem.is_none());
        refused(&mut making, RefusalCode::TooMany);
        assert_eq!(making.problem, Some(MakingProblem::Other("No.".to_owned())));
        assert!(making.takes_password, "it still takes one");
    }

    #[test]
    fn where_only_members_make_groups_that_is_the_reason() {
        let mut making = Making::default();
        making.begin();
        refused(&mut making, RefusalCode::InvitedOnly);
        assert_eq!(making, Making { problem: Some(MakingProblem::InvitedOnly), ..Making::default() });
    }
}
