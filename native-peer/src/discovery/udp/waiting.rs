//! Who waits for which answer.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use tracker_wire::udp::Response;

type Questions = BTreeMap<(SocketAddr, u32), oneshot::Sender<Response>>;

/// Questions without an answer yet: as many as are asked at once.
#[derive(Debug, Default)]
pub(super) struct Waiting(Mutex<Questions>);

impl Waiting {
    /// Waits for the answer from this address; given up, it is no more waited for.
    pub(super) fn wait(&self, from: SocketAddr, transaction: u32) -> impl Future<Output = Option<Response>> {
        let (sender, receiver) = oneshot::channel();
        self.lock().insert((from, transaction), sender);
        let question = Question { waiting: self, key: (from, transaction) };
        async move {
            let answer = receiver.await.ok();
            drop(question);
            answer
        }
    }

    /// Answers that nobody waits for are dropped.
    pub(super) fn answer(&self, from: SocketAddr, response: Response) {
        if let Some(sender) = self.lock().remove(&(from, response.transaction())) {
            let _ = sender.send(response);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Questions> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Question<'a> {
    waiting: &'a Waiting,
    key: (SocketAddr, u32),
}

impl Drop for Question<'_> {
    fn drop(&mut self) {
        self.waiting.lock().remove(&self.key);
    }
}
