//! Each request of a program with the type of its answer, so that none has to ask what an answer to something else
//! would mean.

mod composed;
mod files;
mod groups;
mod invites;
mod joining;
mod passkeys;

use wire_protocol::control::{Refusal, RefusalCode, Reply, Request};

pub use composed::{Accept, Join, NewGroup, NewLink, Question, Remove};
pub use files::{AddFile, RemoveFile};
pub use groups::{CloseGroup, LeaveGroup, SetRole, UnlockGroups};
pub use invites::{ListInvites, PreviewInvite, RevokeInvite};
pub use joining::{AskToJoin, JoinOutcome, ListRequests, MyRequests, RefuseRequest, WithdrawRequest};
pub use passkeys::{MakePasskey, RevokePasskeys};

/// A request whose answer has a type of its own.
pub trait Ask {
    /// What the tracker answers if it does what is asked.
    type Reply;

    /// What is sent.
    fn request(self) -> Request;

    /// The answer; `None`: it answers something else.
    fn read(reply: Reply) -> Option<Self::Reply>;
}

/// The outcome of [`crate::ConversationEvent::Reply`] as what the request asked for.
///
/// # Errors
/// The tracker's refusal; [`RefusalCode::ServerError`] if it answered something else.
pub fn answer<Q: Question>(outcome: Result<Reply, Refusal>) -> Result<Q::Reply, Refusal> {
    Q::read(outcome?).ok_or_else(|| Refusal {
        code: RefusalCode::ServerError,
        message: "The server gave an answer that makes no sense. Try again, and tell whoever runs it.".to_owned(),
    })
}

fn done(reply: Reply) -> Option<()> {
    matches!(reply, Reply::Done).then_some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_to_something_else_is_the_servers_fault_and_says_so() {
        let slug = || Reply::GroupCreated { slug: "a-b".to_owned() };
        assert_eq!(answer::<NewGroup>(Ok(slug())), Ok("a-b".to_owned()));
        let fault = |code| move |refusal: Refusal| refusal.code == code;
        assert!(answer::<Join>(Ok(slug())).is_err_and(fault(RefusalCode::ServerError)));
        assert!(answer::<PreviewInvite>(Ok(Reply::Done)).is_err_and(fault(RefusalCode::ServerError)));
        assert!(answer::<LeaveGroup>(Ok(slug())).is_err_and(fault(RefusalCode::ServerError)));
        let no = Refusal { code: RefusalCode::BadInvite, message: "No.".to_owned() };
        assert_eq!(answer::<Join>(Err(no.clone())), Err(no));
    }
}
