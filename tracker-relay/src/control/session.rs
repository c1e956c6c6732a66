//! A member's session, from Welcome to the end.
//!
//! It reads a message, does what it says, and reads the next: a request's reply is out before the
//! next message is looked at, so whoever sends two needs no locks to be understood in order. It keeps
//! writing all the while.

use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::time::{Instant, sleep_until, timeout};
use wire_protocol::control::{
    DecodeError, Dial, DialRefusal, MemberToTracker, Refusal, SwarmName, TrackerToMember, Welcome, decode_from_member,
};
use wire_protocol::ids::{GroupId, MemberKey};

use super::groupless::Groupless;
use super::heard::Heard;
use super::info_parts::InfoParts;
use super::login::Newcomer;
use super::pump::{Pump, Pumped};
use super::renewals::Renewals;
use super::requests::{Pending, REPEATS_PER_SESSION, answer_of};
use super::restart::Restart;
use crate::limits::Limit;
use crate::shares::Who;
use crate::tracker::cost;
use crate::tracker::hub::Presence;
use crate::tracker::rates::TooFast;
use crate::tracker::snapshot::CatchUp;
use crate::tracker::{Tracker, refusals};
use crate::websocket::Socket;

/// How long a goodbye may take to reach a member when the server stops.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// One member's session.
#[derive(Debug)]
pub struct Session {
    pub(super) tracker: Arc<Tracker>,
    pub(super) presence: Presence,
    /// What they call themselves, in case they are nobody yet.
    pub(super) login_name: String,
    pub(super) pump: Pump,
    pub(super) info_parts: InfoParts,
    pub(super) pending: Option<Pending>,
    /// The group that is being read.
    catching_up: Option<CatchingUp>,
    /// Swarms that it has announced itself in.
    pub(super) announced: BTreeSet<SwarmName>,
    heard: Heard,
    renewals: Renewals,
    groupless: Groupless,
    restart: Arc<Restart>,
    /// Requests that may still be looked up before they are refused.
    pub(super) repeats_left: u32,
}

/// A group that is being read.
struct CatchingUp {
    group: GroupId,
    read: BoxFuture<'static, Result<CatchUp, Refusal>>,
}

impl fmt::Debug for CatchingUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchingUp").field("group", &self.group).finish_non_exhaustive()
    }
}

/// How a session ended.
#[derive(Debug)]
pub enum SessionEnd {
    /// The connection is over.
    Gone,
    /// The member does not read.
    SlowConsumer,
    /// The member is in no group and waits for no answer.
    Groupless,
    /// The member broke the protocol.
    Refused(Refusal),
    /// The server stops.
    Stop,
}

impl Session {
    /// A session for somebody who has just logged in.
    pub fn new(tracker: Arc<Tracker>, socket: Socket, newcomer: Newcomer, restart: Arc<Restart>) -> Self {
        let Newcomer { presence, display_name } = newcomer;
        let mut pump = Pump::new(socket, presence.participant().clone());
        let server = concat!("tracker-relay ", env!("CARGO_PKG_VERSION")).to_owned();
        let welcome = Welcome { server, history: tracker.history, display_name: display_name.clone() };
        pump.send_first([TrackerToMember::Welcome(welcome)]);
        let now = Instant::now();
        let groupless = Groupless::new(tracker.groupless_max, now);
        Self {
            tracker,
            presence,
            login_name: display_name,
            pump,
            info_parts: InfoParts::default(),
            pending: None,
            catching_up: None,
            announced: BTreeSet::new(),
            heard: Heard::new(now),
            renewals: Renewals::default(),
            groupless,
            restart,
            repeats_left: REPEATS_PER_SESSION,
        }
    }

    /// Who.
    pub fn member(&self) -> MemberKey {
        self.presence.participant().member
    }

    /// Who, and from where.
    pub(super) fn who(&self) -> Who {
        let participant = self.presence.participant();
        Who { member: participant.member, address: participant.observed }
    }

    /// Out of the hub; what is left is the socket.
    pub fn into_socket(self) -> Socket {
        self.pump.socket
    }

    /// Runs until the connection, the member or the server has had enough.
    pub async fn run(&mut self) -> SessionEnd {
        let end = self.converse().await;
        if matches!(end, SessionEnd::Stop) {
            self.last_words().await;
        }
        end
    }

    async fn converse(&mut self) -> SessionEnd {
        let stop = self.restart.stop.clone();
        loop {
            let metrics = &self.tracker.metrics;
            let pump = &mut self.pump;
            // Whoever knows less of their groups than they will in a moment is not asked what to do there.
            let may_read = self.pending.is_none() && !pump.outbox().is_behind();
            let next_look = self.heard.next_look();
            let due = [self.renewals.next(), self.info_parts.ends_at(), Some(self.groupless.next_look())];
            let next_due = due.into_iter().flatten().fold(next_look, Instant::min);
            let mut timer = pin!(sleep_until(next_due));
            let pumped = poll_fn(|cx| {
                if let Poll::Ready(pumped) = pump.poll_next(cx, may_read, metrics) {
                    return Poll::Ready(Some(pumped));
                }
                // Only now is it known when there will be something to tell.
                let at = pump.watching.wakes_at().map_or(next_due, |at| at.min(next_due));
                if timer.deadline() != at {
                    timer.as_mut().reset(at);
                }
                timer.as_mut().poll(cx).map(|()| None)
            });
            tokio::select! {
                biased;
                // First: stopping must not wait for a busy member.
                () = stop.cancelled() => return SessionEnd::Stop,
                // Second: what everything else of this member waits for.
                caught_up = read_of(&mut self.catching_up) => {
                    if let Err(refusal) = self.caught_up(caught_up) {
                        return SessionEnd::Refused(refusal);
                    }
                }
                answer = answer_of(&mut self.pending) => self.reply(answer),
                pumped = pumped => {
                    let Some(pumped) = pumped else {
                        if next_look <= Instant::now() && !self.look_for_life() {
                            return SessionEnd::Gone;
                        }
                        self.info_parts.look(Instant::now());
                        if self.groupless.next_look() <= Instant::now() && !self.has_business().await {
                            self.tracker.metrics.refused.count(Limit::SessionsWithoutGroup);
                            return SessionEnd::Groupless;
                        }
                        self.renew_tickets();
                        continue;
                    };
                    if let Err(end) = self.handle_pumped(pumped).await {
                        return end;
                    }
                }
            }
        }
    }

    async fn last_words(&mut self) {
        let after_ms = self.restart.next_return().as_millis() as u32;
        self.pump.send_first([TrackerToMember::Restarting { after_ms }]);
        let metrics = &self.tracker.metrics;
        let pump = &mut self.pump;
        // Whoever does not take it in time reconnects without having been told.
        let _ = timeout(LAST_WORDS, poll_fn(|cx| pump.poll_drained(cx, metrics))).await;
    }

    /// Reads a group beside everything else that the session does.
    fn begin_to_catch_up(&mut self, group: GroupId, seen: Option<u64>) {
        let tracker = self.tracker.clone();
        let participant = self.presence.participant().clone();
        let read = Box::pin(async move { tracker.catch_up(&participant, group, seen).await });
        self.catching_up = Some(CatchingUp { group, read });
    }

    /// A group has been read: the member is sent it before anything else.
    fn caught_up(&mut self, read: Result<CatchUp, Refusal>) -> Result<(), Refusal> {
        let Some(CatchingUp { group, .. }) = self.catching_up.take() else { return Ok(()) };
        let caught_up = read?;
        let is_valid = match caught_up.up_to() {
            None => {
                self.renewals.forget(group);
                self.tracker.hub.end_following(self.presence.participant(), group)
            }
            Some(seq) => self.pump.outbox().caught_up(group, Some(seq)),
        };
        if !is_valid {
            // Too much has happened meanwhile: it is read once more, and told once.
            return Ok(());
        }
        if caught_up.up_to().is_some() {
            self.renewals.sent(group, self.tracker.ticket_lifetime, Instant::now());
        }
        let is_anew = matches!(caught_up, CatchUp::Whole(..));
        self.pump.send_first(caught_up.into_messages(group));
        if let Some(followed) = self.tracker.hub.group(group) {
            let receiver = self.presence.participant();
            let counts = self.pump.watching.follow(followed, is_anew, receiver, Instant::now());
            self.pump.send_first(counts.map(TrackerToMember::SwarmCounts));
        }
        Ok(())
    }

    /// Groups whose tickets are due are read again, which brings new ones.
    fn renew_tickets(&mut self) {
        for group in self.renewals.take_due(Instant::now()) {
            self.pump.outbox().look_again(group);
        }
    }

    async fn handle_pumped(&mut self, pumped: Pumped) -> Result<(), SessionEnd> {
        match pumped {
            Pumped::Message(bytes) => match decode_from_member(&bytes) {
                Ok(message) => {
                    self.tracker.metrics.control_in.inc();
                    self.handle_message(message).await
                }
                Err(DecodeError::UnknownVersion(_)) => Err(SessionEnd::Refused(refusals::unknown_version())),
                Err(_) => Err(self.nonsense()),
            },
            Pumped::Nonsense => Err(self.nonsense()),
            Pumped::Gone => Err(SessionEnd::Gone),
            Pumped::Overflown => Err(SessionEnd::SlowConsumer),
            Pumped::Behind { group, seen } => {
                self.begin_to_catch_up(group, seen);
                Ok(())
            }
        }
    }

    fn nonsense(&self) -> SessionEnd {
        self.tracker.metrics.rejected_message.inc();
        SessionEnd::Refused(refusals::bad_request(
            "The server cannot read what this program sends. Reload the page, or update the program.",
        ))
    }

    async fn handle_message(&mut self, message: MemberToTracker) -> Result<(), SessionEnd> {
        let cost = cost::tokens(&message, self.pump.outbox().followed().len());
        let rates = &self.tracker.rates;
        let is_too_fast = match rates.take(self.who(), cost, Instant::now()) {
            Ok(()) => false,
            Err(TooFast { limit, wait }) => {
                self.tracker.metrics.rejected_rate.inc();
                self.tracker.metrics.refused.count(limit);
                // What has no answer is done a little later; what has one is refused.
                if !matches!(message, MemberToTracker::Request { .. } | MemberToTracker::Dial(_)) {
                    tokio::time::sleep(wait).await;
                    rates.charge(self.who(), cost, Instant::now());
                }
                true
            }
        };
        match message {
            MemberToTracker::Login(_) => return Err(self.nonsense()),
            MemberToTracker::Request { id, .. } if is_too_fast => {
                self.refuse(id, refusals::too_many_commands()).await;
            }
            // Boxed: an idle session does not hold what these take.
            MemberToTracker::Request { id, request } => Box::pin(self.request(id, request)).await,
            MemberToTracker::InfoPart(part) => Box::pin(self.info_part(part)).await,
            MemberToTracker::Announce(announce) => self.announce(&announce),
            MemberToTracker::Withdraw(swarm) => self.withdraw(swarm),
            MemberToTracker::Watch(swarm) => self.watch(swarm),
            MemberToTracker::Unwatch(swarm) => self.unwatch(swarm),
            MemberToTracker::Ping => self.pump.outbox().push(&TrackerToMember::Pong),
            MemberToTracker::Dial(Dial { dial, .. }) if is_too_fast => self.refuse_dial(dial, DialRefusal::TooMany),
            MemberToTracker::Dial(dial) => self.dial(dial),
        }
        Ok(())
    }

    /// Whether the member is in a group, or has asked to be; looked at again later.
    async fn has_business(&mut self) -> bool {
        self.groupless.put_off(Instant::now());
        let is_in_group = !self.pump.outbox().followed().is_empty();
        is_in_group || self.pending.is_some() || self.tracker.waits_to_join(self.member()).await
    }

    /// Pings a silent member; `false` once they have been silent for too long.
    fn look_for_life(&mut self) -> bool {
        let is_alive = self.heard.look(self.pump.progress(), Instant::now());
        if is_alive {
            self.pump.ping();
        }
        is_alive
    }
}

/// Never, while no group is being read.
async fn read_of(catching_up: &mut Option<CatchingUp>) -> Result<CatchUp, Refusal> {
    match catching_up {
        Some(catching_up) => (&mut catching_up.read).await,
        None => std::future::pending().await,
    }
}
