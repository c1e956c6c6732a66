//! One job of a member's at a time: whoever asks for much waits for themselves, and not everybody for them.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::OwnedMutexGuard;
use wire_protocol::ids::MemberKey;

/// Whose turn it is, of the sessions of each member.
#[derive(Debug, Default)]
pub struct Turns {
    /// Of those who have a job now.
    members: Mutex<HashMap<MemberKey, Arc<tokio::sync::Mutex<()>>>>,
}

/// A member's turn; the next of theirs comes when it is dropped.
#[derive(Debug)]
pub struct Turn {
    turns: Arc<Turns>,
    member: MemberKey,
    /// Always there but while it is dropped.
    guard: Option<OwnedMutexGuard<()>>,
}

impl Turns {
    /// Waits for a turn, in the order of asking.
    pub async fn wait(self: &Arc<Self>, member: MemberKey) -> Turn {
        let theirs = self.lock().entry(member).or_default().clone();
        let guard = Some(theirs.lock_owned().await);
        Turn { turns: self.clone(), member, guard }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<MemberKey, Arc<tokio::sync::Mutex<()>>>> {
        self.members.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        // While this is locked nobody new can ask for a turn.
        let mut members = self.turns.lock();
        drop(self.guard.take());
        if members.get(&self.member).is_some_and(|theirs| Arc::strong_count(theirs) == 1) {
            members.remove(&self.member);
        }
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn a_member_has_one_turn_at_a_time_and_others_do_not_wait_for_it() {
        let turns = Arc::new(Turns::default());
        let (ana, bo) = (MemberKey([1; 32]), MemberKey([2; 32]));
        let first = turns.wait(ana).await;
        let mut second = Box::pin(turns.wait(ana));
        assert!((&mut second).now_or_never().is_none());
        drop(turns.wait(bo).now_or_never().unwrap());
        drop(first);
        drop(second.await);
        // Whoever has given up waiting leaves nothing behind either, once there is a next turn.
        let last = turns.wait(ana).await;
        assert!(turns.wait(ana).now_or_never().is_none());
        drop(last);
        assert!(turns.lock().is_empty());
    }
}
