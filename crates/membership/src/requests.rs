//! Requests that wait for their reply, across connections.

use wire_protocol::control::{Request, SwarmName};
use wire_protocol::ids::RequestId;

/// Requests of the program that may wait.
const CALLER_REQUESTS_MAX: usize = 256;

/// Who wants to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The conversation's own; nobody waits for the answer.
    Itself,
    Program,
    /// A publication's last step.
    Publish(SwarmName),
    /// A part of an info dictionary that is fetched.
    Fetch {
        /// Whose.
        swarm: SwarmName,
        /// Where the part begins.
        offset: u32,
    },
}

/// A request without its reply.
#[derive(Debug)]
pub(crate) struct Pending {
    pub(crate) id: RequestId,
    pub(crate) request: Request,
    pub(crate) purpose: Purpose,
    /// Sent on this connection.
    is_sent: bool,
    /// When; `None` until the next input brings the time.
    sent_at_ms: Option<u64>,
}

/// All of them, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Requests(Vec<Pending>);

impl Requests {
    pub(crate) fn is_full(&self) -> bool {
        self.0.iter().filter(|pending| pending.purpose == Purpose::Program).count() >= CALLER_REQUESTS_MAX
    }

    pub(crate) fn add(&mut self, id: RequestId, request: Request, purpose: Purpose) {
        self.0.push(Pending { id, request, purpose, is_sent: false, sent_at_ms: None });
    }

    pub(crate) fn contains(&self, id: RequestId) -> bool {
        self.0.iter().any(|pending| pending.id == id)
    }

    pub(crate) fn take(&mut self, id: RequestId) -> Option<Pending> {
        let at = self.0.iter().position(|pending| pending.id == id)?;
        Some(self.0.remove(at))
    }

    /// The fetch is over; replies to its other parts answer nothing any more.
    pub(crate) fn drop_fetch(&mut self, of: SwarmName) {
        self.0.retain(|pending| match pending.purpose {
            Purpose::Fetch { swarm, .. } => swarm != of,
            Purpose::Program | Purpose::Itself | Purpose::Publish(_) => true,
        });
    }

    /// What to send for an id.
    pub(crate) fn send(&mut self, id: RequestId) -> Option<Request> {
        let pending = self.0.iter_mut().find(|pending| pending.id == id)?;
        pending.is_sent = true;
        pending.sent_at_ms = None;
        Some(pending.request.clone())
    }

    /// What a new connection sends again. Publications begin anew by themselves.
    pub(crate) fn to_send_again(&self) -> Vec<RequestId> {
        let publishes = |pending: &&Pending| !matches!(pending.purpose, Purpose::Publish(_));
        self.0.iter().filter(publishes).map(|pending| pending.id).collect()
    }

    /// The connection is gone.
    pub(crate) fn forget_sent(&mut self) {
        for pending in &mut self.0 {
            pending.is_sent = false;
            pending.sent_at_ms = None;
        }
    }

    pub(crate) fn stamp(&mut self, now_ms: u64) {
        for pending in self.0.iter_mut().filter(|pending| pending.is_sent) {
            pending.sent_at_ms.get_or_insert(now_ms);
        }
    }

    /// Since when the tracker owes a reply, milliseconds.
    pub(crate) fn oldest_sent_at(&self) -> Option<u64> {
        self.0.iter().filter_map(|pending| pending.sent_at_ms).min()
    }
}
