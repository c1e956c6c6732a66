//! The member's side of the control conversation.
//!
//! ```text
//!            should_connect            handle_connected         Hello            Welcome
//!   Waiting ───────────────► Connecting ──────────────► Greeting ─────► LoggingIn ─────► Online
//!      ▲                         │                         │                │              │
//!      └─────────────────────────┴── handle_disconnected ──┴────────────────┴──────────────┘
//!   Goodbye that waiting does not mend, at any point ──► Ended
//! ```

mod commands;
mod incoming;
mod keys;
mod outgoing;
mod own;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

use wire_protocol::control::{Origin, Refusal};
use wire_protocol::ids::{GroupId, MemberKey, RequestId};

use crate::backoff::Backoff;
use crate::dials::Dials;
use crate::event::{ConversationEvent, DialFailure, Events, OfflineReason};
use crate::fetching::Fetches;
use crate::group::Group;
use crate::groups::Groups;
use crate::heartbeat::{Heartbeat, Silence};
use crate::identity::{Identity, MemberIdentity};
use crate::keyring::Keyring;
use crate::naming::DisplayName;
use crate::pace::Pace;
use crate::presence::Presences;
use crate::publishing::Publishing;
use crate::requests::Requests;
use crate::watching::Watches;
pub use keys::{InviteTerms, KeptInvite};
use outgoing::Outgoing;
use wire_protocol::text::display_text;

/// Bound of the first wait before connecting again, milliseconds; then it doubles.
const RECONNECT_FIRST_MS: u64 = 500;
/// Bound of every wait before connecting again, milliseconds.
const RECONNECT_MAX_MS: u64 = 30_000;
/// A connection that lived this long was a good one: the waits begin anew. Milliseconds.
const GOOD_CONNECTION_MS: u64 = 10_000;
/// For opening the WebSocket, and again for logging in, milliseconds.
const CONNECT_TIMEOUT_MS: u64 = 20_000;
/// The longest restart that is waited for, milliseconds.
const RESTART_MAX_MS: u64 = 60_000;
/// Spread of the members' return after a restart, milliseconds.
const RESTART_SPREAD_MS: u64 = 1_000;
/// A program's name in characters.
const CLIENT_CHARS_MAX: usize = 64;

/// Who talks to which tracker.
#[derive(Debug, Clone)]
pub struct ConversationConfig {
    /// The person.
    pub identity: Identity,
    /// What others shall call them if they are new at this tracker.
    pub display_name: String,
    /// Program and version for the list of peers: `Firefox`, `native-peer 0.1.0`.
    pub client: String,
    /// What is dialed.
    pub origin: Origin,
    /// Makes request ids and jitter: from the system's randomness, new for every conversation, so that
    /// two of them do not make the same ids. No secret comes from it.
    pub rng_seed: u64,
    /// Makes keys: 32 bytes from the system's randomness, for this conversation alone.
    pub secret_seed: [u8; 32],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Waiting { retry_at_ms: u64 },
    Connecting { deadline_ms: u64 },
    Greeting { deadline_ms: u64 },
    LoggingIn { deadline_ms: u64 },
    Online { since_ms: u64 },
    Ended,
}

/// The member's side of the control conversation, across reconnects. The crate's documentation has the
/// driver's contract.
#[derive(Debug)]
pub struct Conversation {
    member: MemberIdentity,
    client: String,
    name: DisplayName,
    rng: fastrand::Rng,
    /// The latest time that came in.
    now_ms: u64,
    phase: Phase,
    backoff: Backoff,
    /// The driver shall close the connection, for this reason.
    closing: Option<OfflineReason>,
    /// The tracker announced a restart: when to be back.
    restart_after_ms: Option<u64>,
    heartbeat: Heartbeat,
    last_online_ms: Option<u64>,
    /// Something was sent since the last input: the next one says when that was.
    needs_stamp: bool,
    /// As the last one said that was connected to.
    tracker: Option<own::Tracker>,
    groups: Groups,
    keyring: Keyring,
    /// Groups that this member has asked to join.
    asked: BTreeSet<GroupId>,
    requests: Requests,
    presences: Presences,
    watches: Watches,
    dials: Dials,
    publishing: Publishing,
    fetches: Fetches,
    /// What to send on this connection, in order. Names things that are kept elsewhere, so that the latest
    /// is sent.
    outbox: VecDeque<Outgoing>,
    pace: Pace,
    events: Events,
}

impl Conversation {
    /// Wants to connect at once.
    pub fn new(config: ConversationConfig, now_ms: u64) -> Self {
        Self {
            member: config.identity.for_origin(&config.origin),
            client: display_text(&config.client, CLIENT_CHARS_MAX),
            name: DisplayName::new(&config.display_name),
            rng: fastrand::Rng::with_seed(config.rng_seed),
            now_ms,
            phase: Phase::Waiting { retry_at_ms: now_ms },
            backoff: Backoff::new(RECONNECT_FIRST_MS, RECONNECT_MAX_MS),
            closing: None,
            restart_after_ms: None,
            heartbeat: Heartbeat::new(now_ms),
            last_online_ms: None,
            needs_stamp: false,
            tracker: None,
            groups: Groups::default(),
            keyring: Keyring::new(config.secret_seed),
            asked: BTreeSet::new(),
            requests: Requests::default(),
            presences: Presences::default(),
            watches: Watches::default(),
            dials: Dials::default(),
            publishing: Publishing::default(),
            fetches: Fetches::default(),
            outbox: VecDeque::new(),
            pace: Pace::new(now_ms),
            events: Events::default(),
        }
    }

    // ------------------------------------------------------------ what is known

    /// This member's groups. Complete once [`Conversation::is_synced`]; while offline: how they were.
    pub fn groups(&self) -> &BTreeMap<GroupId, Arc<Group>> {
        self.groups.known()
    }

    /// The tracker has told of every group at least once, and what is known is of now while online.
    pub fn is_synced(&self) -> bool {
        self.is_online() && self.groups.is_synced()
    }

    /// Logged in, and not about to close.
    pub fn is_online(&self) -> bool {
        matches!(self.phase, Phase::Online { .. }) && self.closing.is_none()
    }

    /// When the tracker was last heard after login, milliseconds of the driver's epoch; `None`: never.
    pub fn last_online_ms(&self) -> Option<u64> {
        self.last_online_ms
    }

    /// The person as this tracker's members know them.
    pub fn member(&self) -> MemberKey {
        self.member.key()
    }

    /// What others call this person here. Another device's name does not change it, only
    /// [`Conversation::set_display_name`] does, on whichever device.
    pub fn display_name(&self) -> &str {
        self.name.shown()
    }

    // ------------------------------------------------------------ the connection

    /// Whether to begin an attempt to connect now. Says `true` once per attempt, which is then under way
    /// until [`Conversation::handle_disconnected`].
    pub fn should_connect(&mut self, now_ms: u64) -> bool {
        self.set_now(now_ms);
        let is_due = matches!(self.phase, Phase::Waiting { retry_at_ms } if retry_at_ms <= self.now_ms);
        if is_due {
            self.phase = Phase::Connecting { deadline_ms: self.now_ms + CONNECT_TIMEOUT_MS };
        }
        is_due
    }

    /// Does not wait any longer: the person asked, or the browser says that it is online again.
    pub fn retry_now(&mut self, now_ms: u64) {
        self.set_now(now_ms);
        if let Phase::Waiting { retry_at_ms } = &mut self.phase {
            *retry_at_ms = self.now_ms;
        }
    }

    /// The WebSocket is open.
    pub fn handle_connected(&mut self, now_ms: u64) {
        self.set_now(now_ms);
        if matches!(self.phase, Phase::Connecting { .. } | Phase::Waiting { .. }) {
            self.phase = Phase::Greeting { deadline_ms: self.now_ms + CONNECT_TIMEOUT_MS };
            self.heartbeat.heard(self.now_ms);
            self.pace = Pace::new(self.now_ms);
        }
    }

    /// The driver closes the connection (or gives the attempt up) and calls
    /// [`Conversation::handle_disconnected`].
    pub fn should_disconnect(&self) -> bool {
        self.closing.is_some()
    }

    /// The WebSocket is closed, by whomever, or did not open.
    pub fn handle_disconnected(&mut self, now_ms: u64) {
        self.set_now(now_ms);
        let default_reason = match self.phase {
            Phase::Waiting { .. } | Phase::Ended => {
                self.closing = None;
                return;
            }
            Phase::Connecting { .. } => OfflineReason::Unreachable,
            _ if self.restart_after_ms.is_some() => OfflineReason::Restarting,
            _ => OfflineReason::Lost,
        };
        let reason = self.closing.take().unwrap_or(default_reason);
        self.forget_connection();
        let retry_at_ms = self.now_ms + self.wait_before_retry();
        self.phase = Phase::Waiting { retry_at_ms };
        self.events.push(ConversationEvent::Offline { reason, retry_at_ms });
    }

    fn wait_before_retry(&mut self) -> u64 {
        if matches!(self.phase, Phase::Online { since_ms } if since_ms + GOOD_CONNECTION_MS <= self.now_ms) {
            self.backoff.reset();
        }
        let jittered = self.backoff.next_ms(&mut self.rng);
        match self.restart_after_ms.take() {
            Some(after_ms) => after_ms + self.rng.u64(0..=RESTART_SPREAD_MS),
            None => jittered,
        }
    }

    /// Everything that lived in the connection.
    fn forget_connection(&mut self) {
        self.outbox.clear();
        self.requests.forget_sent();
        self.presences.forget_sent();
        self.publishing.restart();
        for dial in self.dials.take_all() {
            self.events.push(ConversationEvent::DialFailed { dial, why: DialFailure::Offline });
        }
    }

    /// Time passed.
    pub fn handle_timeout(&mut self, now_ms: u64) {
        self.set_now(now_ms);
        if self.closing.is_some() {
            return;
        }
        match self.phase {
            Phase::Connecting { deadline_ms } | Phase::Greeting { deadline_ms } | Phase::LoggingIn { deadline_ms }
                if deadline_ms <= self.now_ms =>
            {
                self.close(OfflineReason::TimedOut);
            }
            Phase::Online { .. } => self.handle_online_timeout(),
            _ => {}
        }
    }

    fn handle_online_timeout(&mut self) {
        match self.heartbeat.check(self.requests.oldest_sent_at(), self.now_ms) {
            Silence::Fine => {}
            Silence::Ping => self.queue_ping(),
            Silence::Lost => return self.close(OfflineReason::TimedOut),
        }
        for key in self.presences.take_due(self.now_ms) {
            self.outbox.push_back(Outgoing::Announce(key));
        }
        for dial in self.dials.take_timed_out(self.now_ms) {
            self.events.push(ConversationEvent::DialFailed { dial, why: DialFailure::NoAnswer });
        }
    }

    /// When [`Conversation::handle_timeout`] is due, milliseconds of the driver's epoch; in the past means now.
    pub fn poll_timeout(&self) -> Option<u64> {
        if self.closing.is_some() {
            return None;
        }
        match self.phase {
            Phase::Waiting { retry_at_ms } => Some(retry_at_ms),
            Phase::Connecting { deadline_ms } | Phase::Greeting { deadline_ms } | Phase::LoggingIn { deadline_ms } => {
                Some(deadline_ms)
            }
            Phase::Online { .. } if self.needs_stamp => Some(self.now_ms),
            Phase::Online { .. } => {
                // What may go out already waits for the socket, not for the time.
                let may_send_at = (!self.outbox.is_empty()).then(|| self.pace.next_at()).filter(|at| *at > self.now_ms);
                let silence = self.heartbeat.due_at(self.requests.oldest_sent_at());
                let timeouts = [Some(silence), self.presences.next_due(), self.dials.next_timeout(), may_send_at];
                timeouts.into_iter().flatten().min()
            }
            Phase::Ended => None,
        }
    }

    /// What the program is told next.
    pub fn poll_event(&mut self) -> Option<ConversationEvent> {
        self.events.pop()
    }

    /// Commands and polls come without the time; the input after them brings it.
    fn set_now(&mut self, now_ms: u64) {
        self.now_ms = self.now_ms.max(now_ms);
        self.pace.set_now(self.now_ms);
        if self.needs_stamp {
            self.needs_stamp = false;
            self.requests.stamp(self.now_ms);
            self.presences.stamp(self.now_ms);
            self.dials.stamp(self.now_ms);
        }
    }

    fn close(&mut self, reason: OfflineReason) {
        self.closing.get_or_insert(reason);
        self.outbox.clear();
    }

    /// The tracker's no is final.
    fn end(&mut self, refusal: Refusal) {
        self.forget_connection();
        self.closing = Some(OfflineReason::Refused(refusal.clone()));
        self.phase = Phase::Ended;
        self.events.push(ConversationEvent::Refused(refusal));
    }

    pub(super) fn new_request_id(&mut self) -> RequestId {
        let mut id = [0; RequestId::LEN];
        self.rng.fill(&mut id);
        RequestId(id)
    }
}
