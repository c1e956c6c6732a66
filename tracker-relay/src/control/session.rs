//! A member's session, from Welcome to the end.
//!
//! It reads a message, does what it says, and reads the next: a request's reply is out before the
//! next message is looked at, so whoever sends two needs no locks to be understood in order. It keeps
//! writing all the while.

use std::collections::BTreeSet;
use std::fmt;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use tracing::warn;
use wire_protocol::control::{
    Announce, AnnounceRefusal, AnnounceRefused, DecodeError, Dial, DialRefusal, InfoPart, LinkGrant, MemberToTracker,
    Refusal, RefusalCode, Reply, Request, SwarmName, TrackerToMember, Welcome, decode_from_member,
};
use wire_protocol::ids::{GroupId, LinkId, MemberKey, RequestId};
use wire_protocol::link::{LinkSide, LinkToken, TOKEN_LIFETIME_MS};

use super::command_rate::CommandRate;
use super::info_parts::InfoParts;
use super::login::Newcomer;
use super::pump::{Pump, Pumped};
use crate::limits::{ANNOUNCES_PER_SESSION, CONTROL_DEAD_AFTER, CONTROL_PING_AFTER, PUBLISHED_WAIT_MAX};
use crate::tracker::followed::Ends;
use crate::tracker::hub::Presence;
use crate::tracker::ledger::{Answer, Asked};
use crate::tracker::participant::Participant;
use crate::tracker::snapshot::CatchUp;
use crate::tracker::{KEY_ID, Tracker, refusals};
use crate::websocket::Socket;
use crate::{clock, random};

/// How long a goodbye may take to reach a member when the server stops.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// A restart takes a second or two; the spread keeps everybody from knocking at once.
const RESTART_AFTER_MS_MIN: u32 = 1_000;
const RESTART_SPREAD_MS: usize = 2_000;

/// One member's session.
#[derive(Debug)]
pub struct Session {
    tracker: Arc<Tracker>,
    presence: Presence,
    /// What they called themselves when they came.
    login_name: String,
    pump: Pump,
    rate: CommandRate,
    info_parts: InfoParts,
    pending: Option<Pending>,
    /// The group that is being read.
    catching_up: Option<CatchingUp>,
    /// Swarms that it has announced itself in.
    announced: BTreeSet<SwarmName>,
    heard: Heard,
    stop: CancellationToken,
}

/// The request that is being worked on.
struct Pending {
    id: RequestId,
    /// A refusal of it counts as a guess.
    is_join: bool,
    answer: BoxFuture<'static, Answer>,
}

/// A group that is being read.
struct CatchingUp {
    group: GroupId,
    read: BoxFuture<'static, Result<CatchUp, Refusal>>,
}

impl fmt::Debug for Pending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pending").field("id", &self.id).finish_non_exhaustive()
    }
}

impl fmt::Debug for CatchingUp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CatchingUp").field("group", &self.group).finish_non_exhaustive()
    }
}

/// When the member was last heard of.
#[derive(Debug)]
struct Heard {
    bytes: u64,
    at: Instant,
    next_look: Instant,
}

/// How a session ended.
#[derive(Debug)]
pub enum SessionEnd {
    /// The connection is over.
    Gone,
    /// The member does not read.
    SlowConsumer,
    /// The member broke the protocol.
    Refused(Refusal),
    /// The server stops.
    Stop,
}

impl Session {
    /// A session for somebody who has just logged in.
    pub fn new(tracker: Arc<Tracker>, socket: Socket, newcomer: Newcomer, stop: CancellationToken) -> Self {
        let Newcomer { presence, display_name } = newcomer;
        let mut pump = Pump::new(socket, presence.participant().clone());
        let server = concat!("tracker-relay ", env!("CARGO_PKG_VERSION")).to_owned();
        let welcome = Welcome { server, history: tracker.history, display_name: display_name.clone() };
        pump.send_first([TrackerToMember::Welcome(welcome)]);
        let now = Instant::now();
        Self {
            tracker,
            presence,
            login_name: display_name,
            pump,
            rate: CommandRate::new(now),
            info_parts: InfoParts::default(),
            pending: None,
            catching_up: None,
            announced: BTreeSet::new(),
            heard: Heard { bytes: 0, at: now, next_look: now + CONTROL_PING_AFTER },
            stop,
        }
    }

    /// Who.
    pub fn member(&self) -> MemberKey {
        self.presence.participant().member
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
        let stop = self.stop.clone();
        loop {
            let metrics = &self.tracker.metrics;
            let pump = &mut self.pump;
            // Whoever knows less of their groups than they will in a moment is not asked what to do there.
            let may_read = self.pending.is_none() && !pump.outbox().is_behind();
            let next_look = self.heard.next_look;
            let wakes_at = pump.watching.wakes_at().map_or(next_look, |at| at.min(next_look));
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
                pumped = poll_fn(|cx| pump.poll_next(cx, may_read, metrics)) => {
                    if let Err(end) = self.handle_pumped(pumped).await {
                        return end;
                    }
                }
                () = sleep_until(wakes_at) => {
                    if next_look <= Instant::now() && !self.look_for_life() {
                        return SessionEnd::Gone;
                    }
                }
            }
        }
    }

    async fn last_words(&mut self) {
        let after_ms = RESTART_AFTER_MS_MIN + random::below(RESTART_SPREAD_MS) as u32;
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
        match caught_up.up_to() {
            None => self.tracker.hub.end_following(self.presence.participant(), group),
            Some(seq) => {
                self.pump.outbox().caught_up(group, Some(seq));
            }
        }
        let is_anew = matches!(caught_up, CatchUp::Whole(_));
        self.pump.send_first(caught_up.into_messages(group));
        if let Some(followed) = self.tracker.hub.group(group) {
            let receiver = self.presence.participant();
            let counts = self.pump.watching.follow(followed, is_anew, receiver, Instant::now());
            self.pump.send_first(counts.map(TrackerToMember::SwarmCounts));
        }
        Ok(())
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
        let is_too_fast = match self.rate.take(Instant::now()) {
            Ok(()) => false,
            Err(wait) => {
                self.tracker.metrics.rejected_rate.inc();
                // What has no answer is done a little later; what has one is refused.
                if !matches!(message, MemberToTracker::Request { .. } | MemberToTracker::Dial(_)) {
                    tokio::time::sleep(wait).await;
                    let _ = self.rate.take(Instant::now());
                }
                true
            }
        };
        match message {
            MemberToTracker::Login(_) => return Err(self.nonsense()),
            MemberToTracker::Request { id, .. } if is_too_fast => {
                self.push_reply(id, Err(refusals::too_many_commands()));
            }
            MemberToTracker::Request { id, request } => self.request(id, request).await,
            MemberToTracker::InfoPart(InfoPart { file, offset, bytes }) => {
                if self.info_parts.add(file, offset, &bytes).is_err() {
                    self.tracker.metrics.rejected_message.inc();
                }
            }
            MemberToTracker::Announce(announce) => self.announce(&announce),
            MemberToTracker::Withdraw(swarm) => {
                self.announced.remove(&swarm);
                if let Some(followed) = self.tracker.hub.group(swarm.group) {
                    followed.withdraw(self.presence.session(), swarm.file);
                }
            }
            MemberToTracker::Watch(swarm) => self.watch(swarm),
            MemberToTracker::Unwatch(swarm) => {
                if !self.is_in(swarm) {
                    self.pump.watching.unwatch(swarm);
                }
            }
            MemberToTracker::Ping => self.pump.outbox().push(&TrackerToMember::Pong),
            MemberToTracker::Dial(Dial { dial, .. }) if is_too_fast => self.refuse_dial(dial, DialRefusal::TooMany),
            MemberToTracker::Dial(dial) => self.dial(dial),
        }
        Ok(())
    }

    fn announce(&mut self, announce: &Announce) {
        let outcome = self.try_announce(announce);
        let metrics = &self.tracker.metrics;
        match outcome {
            Ok(()) => {
                metrics.announces_ok.inc();
                self.watch(announce.swarm);
            }
            Err(reason) => {
                metrics.announces_refused.inc();
                let refused = AnnounceRefused { swarm: announce.swarm, reason };
                self.pump.outbox().push(&TrackerToMember::AnnounceRefused(refused));
            }
        }
    }

    fn try_announce(&mut self, announce: &Announce) -> Result<(), AnnounceRefusal> {
        if !self.announced.contains(&announce.swarm) && self.announced.len() >= ANNOUNCES_PER_SESSION {
            // Some may be of files and groups that are gone.
            let gone: Vec<_> = self.announced.iter().copied().filter(|swarm| !self.is_in(*swarm)).collect();
            self.announced.retain(|swarm| !gone.contains(swarm));
            if self.announced.len() >= ANNOUNCES_PER_SESSION {
                return Err(AnnounceRefusal::TooMany);
            }
        }
        let followed = self.tracker.hub.group(announce.swarm.group).ok_or(AnnounceRefusal::NoSuchFile)?;
        followed.announce(self.presence.session(), announce)?;
        self.announced.insert(announce.swarm);
        Ok(())
    }

    fn is_in(&self, swarm: SwarmName) -> bool {
        let followed = self.tracker.hub.group(swarm.group);
        followed.is_some_and(|it| it.has_announced(self.presence.session(), swarm.file))
    }

    fn watch(&mut self, swarm: SwarmName) {
        if !self.pump.watching.watch(swarm, self.presence.participant(), Instant::now()) {
            self.tracker.metrics.watches_refused.inc();
        }
    }

    async fn request(&mut self, id: RequestId, request: Request) {
        let is_invite = matches!(request, Request::JoinGroup { .. } | Request::PreviewInvite { .. });
        if is_invite && self.tracker.invite_failures.is_blocked(self.member(), self.observed()) {
            self.tracker.metrics.rejected_invite.inc();
            return self.push_reply(id, Err(refusals::too_many_invite_failures()));
        }
        match request {
            Request::PreviewInvite { slug, auth } => {
                let outcome = self.tracker.preview(&slug, &auth).await;
                self.count_guess(&outcome);
                self.push_reply(id, outcome);
            }
            Request::ReadInfo { group, file, offset } => {
                let outcome = self.tracker.read_info(self.member(), group, file, offset).await;
                self.push_reply(id, outcome);
            }
            request => {
                let info = match &request {
                    Request::PublishTorrent { file, .. } => self.info_parts.take(*file),
                    _ => None,
                };
                let asked = Asked { member: self.member(), newcomer_name: self.login_name.clone(), id, request, info };
                let answer = self.tracker.ledger.request(asked).await;
                let answer = Box::pin(published(self.tracker.clone(), answer));
                self.pending = Some(Pending { id, is_join: is_invite, answer });
            }
        }
    }

    /// The pending request's answer is there, and its events are on their way.
    fn reply(&mut self, answer: Answer) {
        let Some(pending) = self.pending.take() else { return };
        let Answer { outcome, moved } = answer;
        if pending.is_join {
            self.count_guess(&outcome);
        }
        if let Ok(Reply::Joined { group }) = outcome
            && moved.is_empty()
        {
            // They are in it already, and are told again what it is made of.
            self.tracker.hub.follow(self.presence.participant(), group, None);
        }
        self.push_reply(pending.id, outcome);
    }

    fn push_reply(&self, id: RequestId, outcome: Result<Reply, Refusal>) {
        self.pump.outbox().push(&TrackerToMember::Reply { id, outcome });
    }

    fn count_guess(&self, outcome: &Result<Reply, Refusal>) {
        let is_guess = outcome
            .as_ref()
            .is_err_and(|refusal| matches!(refusal.code, RefusalCode::BadInvite | RefusalCode::UnknownGroup));
        if is_guess {
            self.tracker.invite_failures.count(self.member(), self.observed());
        }
    }

    fn observed(&self) -> IpAddr {
        self.presence.participant().observed
    }

    fn dial(&self, Dial { dial, swarm, to }: Dial) {
        let followed = self.tracker.hub.group(swarm.group).ok_or(DialRefusal::NotAnnounced);
        let session = self.presence.session();
        match followed.and_then(|it| it.dial(session, swarm.file, to, &self.tracker.links, clock::now_ms())) {
            Ok((link, ends)) => {
                self.tracker.metrics.dials_granted.inc();
                self.grant(dial, link, swarm, ends);
            }
            Err(reason) => self.refuse_dial(dial, reason),
        }
    }

    /// Each side gets its own token, and hears who the other is.
    fn grant(&self, dial: u32, link: LinkId, swarm: SwarmName, ends: Ends) {
        let Ends { dialer: (dialer, dialing_peer), acceptor: (acceptor, accepting_peer) } = ends;
        let expires_at_ms = clock::now_ms() + TOKEN_LIFETIME_MS;
        let grant = |to: &Participant, side, dial, peer| {
            let token = LinkToken { key_id: KEY_ID, relay: 0, link, side, member: to.member, expires_at_ms };
            let token = token.seal(&self.tracker.key);
            to.outbox.push(&TrackerToMember::LinkGrant(LinkGrant { dial, link, token, relay: None, swarm, peer }));
        };
        grant(&acceptor, LinkSide::Acceptor, None, dialing_peer);
        grant(&dialer, LinkSide::Dialer, Some(dial), accepting_peer);
    }

    fn refuse_dial(&self, dial: u32, reason: DialRefusal) {
        let metrics = &self.tracker.metrics;
        match reason {
            DialRefusal::NoSuchPeer => &metrics.dials_no_such_peer,
            DialRefusal::AlreadyLinked => &metrics.dials_linked,
            DialRefusal::TooMany => &metrics.dials_too_many,
            DialRefusal::NotAnnounced => &metrics.dials_not_announced,
        }
        .inc();
        self.pump.outbox().push(&TrackerToMember::DialRefused { dial, reason });
    }

    /// Pings a silent member; `false` once they have been silent for too long.
    fn look_for_life(&mut self) -> bool {
        let now = Instant::now();
        let bytes = self.pump.socket.get_ref().bytes_read();
        if bytes != self.heard.bytes {
            self.heard.bytes = bytes;
            self.heard.at = now;
        }
        // Jitter keeps ten thousand sessions from pinging in the same instant.
        self.heard.next_look = now + CONTROL_PING_AFTER + Duration::from_millis(random::below(5_000) as u64);
        if now - self.heard.at >= CONTROL_DEAD_AFTER {
            return false;
        }
        self.pump.ping();
        true
    }
}

/// The ledger's answer, once what it wrote is on its way to everybody, the asker included.
async fn published(tracker: Arc<Tracker>, answer: oneshot::Receiver<Answer>) -> Answer {
    // The ledger drops the sender only when the database failed.
    let answer = answer.await.unwrap_or_else(|_| Answer::refused(refusals::server_error()));
    let on_their_way = async {
        for (group, span) in &answer.moved {
            tracker.bus.published(*group, span.last).await;
        }
    };
    if timeout(PUBLISHED_WAIT_MAX, on_their_way).await.is_err() {
        warn!("events are on disk but not published yet; the reply goes before them");
    }
    answer
}

/// Never, while nothing is pending.
async fn answer_of(pending: &mut Option<Pending>) -> Answer {
    match pending {
        Some(pending) => (&mut pending.answer).await,
        None => std::future::pending().await,
    }
}

/// Never, while no group is being read.
async fn read_of(catching_up: &mut Option<CatchingUp>) -> Result<CatchUp, Refusal> {
    match catching_up {
        Some(catching_up) => (&mut catching_up.read).await,
        None => std::future::pending().await,
    }
}
