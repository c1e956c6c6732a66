//! Whether the tracker is still there. A connection that a sleep or a lost NAT mapping has cut looks like one on
//! which nobody has anything to say, and a browser cannot send the WebSocket's own pings.

/// After this much silence the tracker is asked whether it is there, milliseconds.
const PING_AFTER_MS: u64 = 45_000;
/// The same while it owes a reply, milliseconds.
const PING_AFTER_OWED_MS: u64 = 15_000;
/// When nothing at all comes for this long after a ping, the connection is lost, milliseconds.
const PONG_WITHIN_MS: u64 = 15_000;
/// Whoever looks this much later than agreed has slept, and perhaps the answer is still on its way,
/// milliseconds.
const OVERSLEPT_MS: u64 = 5_000;

/// What silence means now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Silence {
    /// Nothing yet.
    Fine,
    /// Ask.
    Ping,
    /// The connection is lost.
    Lost,
}

/// The silence on one connection.
#[derive(Debug)]
pub(crate) struct Heartbeat {
    heard_at_ms: u64,
    /// The ping that nothing came after.
    pinged_at_ms: Option<u64>,
    /// That ping was the second: the time for answering the first was slept through.
    is_second: bool,
}

impl Heartbeat {
    /// A new connection.
    pub(crate) fn new(now_ms: u64) -> Self {
        Self { heard_at_ms: now_ms, pinged_at_ms: None, is_second: false }
    }

    /// When [`Heartbeat::check`] has something to say. `owed_since_ms`: the oldest request without its reply.
    pub(crate) fn due_at(&self, owed_since_ms: Option<u64>) -> u64 {
        if let Some(at) = self.pinged_at_ms {
            return at + PONG_WITHIN_MS;
        }
        let idle = self.heard_at_ms + PING_AFTER_MS;
        owed_since_ms.map_or(idle, |owed| idle.min(self.heard_at_ms.max(owed) + PING_AFTER_OWED_MS))
    }

    /// Judges the silence. A `Ping` counts as sent.
    pub(crate) fn check(&mut self, owed_since_ms: Option<u64>, now_ms: u64) -> Silence {
        let due_at = self.due_at(owed_since_ms);
        if now_ms < due_at {
            return Silence::Fine;
        }
        let is_first = self.pinged_at_ms.is_none();
        // Only once, so that a driver whose every timer is late notices in the end.
        let has_overslept = now_ms - due_at >= OVERSLEPT_MS && !self.is_second;
        if !is_first && !has_overslept {
            return Silence::Lost;
        }
        self.is_second = !is_first;
        self.pinged_at_ms = Some(now_ms);
        Silence::Ping
    }

    /// Something came, whatever it was.
    pub(crate) fn heard(&mut self, now_ms: u64) {
        *self = Self::new(now_ms);
    }
}
