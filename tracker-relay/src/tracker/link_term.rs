//! How long a link may go on: said by the link book, heard by the task that carries the link.

use tokio::sync::watch;
use tokio::time::{Instant, sleep_until};

/// Why the tracker ends a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cut {
    /// A member left the group, or the file was removed from it.
    Left,
    /// A member has had no control connection for too long.
    Absent,
}

/// How long a link may go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Term {
    /// As long as both sides like.
    Open,
    /// Until then, unless an absent member comes back.
    Until(Instant),
    /// No longer, for good.
    Over,
}

/// The carrying task's ear.
#[derive(Debug)]
pub struct LinkTerm(watch::Receiver<Term>);

impl LinkTerm {
    /// A term that can change, and its listener.
    pub fn new(term: Term) -> (watch::Sender<Term>, Self) {
        let (sender, receiver) = watch::channel(term);
        (sender, Self(receiver))
    }

    /// Ready when the link has to end. Cancel safe.
    pub async fn cut(&mut self) -> Cut {
        loop {
            let term = *self.0.borrow_and_update();
            if term == Term::Over {
                return Cut::Left;
            }
            let run_out = async {
                match term {
                    Term::Until(at) => sleep_until(at).await,
                    Term::Open | Term::Over => std::future::pending().await,
                }
            };
            tokio::select! {
                () = run_out => return Cut::Absent,
                changed = self.0.changed() => {
                    // The book forgets a link that is carried only when the link says that it has ended.
                    if changed.is_err() {
                        return Cut::Left;
                    }
                }
            }
        }
    }
}

/// Changes a term; one that is over stays over.
pub fn change(term: &watch::Sender<Term>, to: Term) {
    term.send_if_modified(|now| {
        let is_new = *now != Term::Over && *now != to;
        if is_new {
            *now = to;
        }
        is_new
    });
}
