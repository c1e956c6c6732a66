//! A member's session, from Welcome to the end.
//!
//! It reads a message, does what it says, and reads the next: a request's reply is out before the
//! next message is looked at, so whoever sends two needs no locks to be understood in order. It keeps
//! writing all the while.

use std::collections::HashMap;
use std::future::poll_fn;
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;
use wire_protocol::control::{
    DecodeError, DialRefusal, LinkGrant, MemberToTracker, Refusal, RefusalCode, Reply, Request, TrackerToMember,
    decode_from_member,
};
use wire_protocol::ids::{FileId, GroupId, LinkId, MemberKey, PeerId, RequestId};
use wire_protocol::link::{LinkSide, LinkToken, TOKEN_LIFETIME_MS};

use super::command_rate::CommandRate;
use super::info_parts::InfoParts;
use super::login::Newcomer;
use super::pump::{Pump, Pumped};
use crate::limits::{CONTROL_DEAD_AFTER, CONTROL_PING_AFTER};
use crate::tracker::hub::{Ends, Presence, SessionId};
use crate::tracker::invite_failures::NextInvite;
use crate::tracker::ledger::Asked;
use crate::tracker::{Tracker, refusals};
use crate::websocket::Socket;
use crate::{clock, random};

/// How long a goodbye may take to reach a member when the server stops.
const LAST_WORDS: Duration = Duration::from_millis(500);
/// A restart takes a second or two; the spread keeps everybody from knocking at once.
const RESTART_AFTER_MS_MIN: u32 = 1_000;
const RESTART_SPREAD_MS: usize = 10_000;

/// One member's session.
#[derive(Debug)]
pub struct Session {
    tracker: Arc<Tracker>,
    member: MemberKey,
    observed: IpAddr,
    presence: Presence,
    pump: Pump,
    to_follow: Vec<(GroupId, Option<u64>)>,
    rate: CommandRate,
    info_parts: InfoParts,
    /// The request that is being worked on, and whether a refusal of it counts as a guess.
    pending: Option<Pending>,
    heard: Heard,
    stop: CancellationToken,
}

#[derive(Debug)]
struct Pending {
    id: RequestId,
    is_join: bool,
    outcome: oneshot::Receiver<Result<Reply, Refusal>>,
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
    pub fn new(
        tracker: Arc<Tracker>,
        socket: Socket,
        newcomer: Newcomer,
        observed: IpAddr,
        stop: CancellationToken,
    ) -> Self {
        let Newcomer { member, presence, outbox, groups, resume } = newcomer;
        let seen: HashMap<GroupId, u64> = resume.into_iter().map(|point| (point.group, point.seq)).collect();
        // Taken from the end.
        let to_follow = groups.into_iter().rev().map(|group| (group, seen.get(&group).copied())).collect();
        let now = Instant::now();
        Self {
            tracker,
            member,
            observed,
            presence,
            pump: Pump::new(socket, outbox),
            to_follow,
            rate: CommandRate::new(now),
            info_parts: InfoParts::default(),
            pending: None,
            heard: Heard { bytes: 0, at: now, next_look: now + CONTROL_PING_AFTER },
            stop,
        }
    }

    /// Who.
    pub fn member(&self) -> MemberKey {
        self.member
    }

    /// Out of the hub; what is left is the socket.
    pub fn into_socket(self) -> Socket {
        self.pump.socket
    }

    /// Runs until the connection, the member or the server has had enough.
    pub async fn run(&mut self) -> SessionEnd {
        let end = match Box::pin(self.catch_up()).await {
            Ok(()) => self.converse().await,
            Err(end) => end,
        };
        if matches!(end, SessionEnd::Stop) {
            self.last_words().await;
        }
        end
    }

    /// Group by group, each written out before the next is read: what waits stays small however many
    /// groups there are.
    async fn catch_up(&mut self) -> Result<(), SessionEnd> {
        let stop = self.stop.clone();
        while let Some((group, seen)) = self.to_follow.pop() {
            let followed = self.tracker.ledger.follow(self.presence.session, self.member, group, seen).await;
            followed.map_err(SessionEnd::Refused)?;
            let metrics = &self.tracker.metrics;
            let pump = &mut self.pump;
            let drained = timeout(CONTROL_DEAD_AFTER, poll_fn(|cx| pump.poll_drained(cx, metrics)));
            let drained = tokio::select! {
                drained = drained => drained,
                () = stop.cancelled() => return Err(SessionEnd::Stop),
            };
            match drained {
                Ok(Ok(())) => {}
                Ok(Err(Pumped::Overflown)) => return Err(SessionEnd::SlowConsumer),
                Ok(Err(_)) | Err(_) => return Err(SessionEnd::Gone),
            }
        }
        self.to_follow = Vec::new();
        Ok(())
    }

    async fn converse(&mut self) -> SessionEnd {
        let stop = self.stop.clone();
        loop {
            let metrics = &self.tracker.metrics;
            let pump = &mut self.pump;
            let may_read = self.pending.is_none();
            tokio::select! {
                biased;
                // First: stopping must not wait for a busy member.
                () = stop.cancelled() => return SessionEnd::Stop,
                // Second: the reply that everything else of this member waits for.
                outcome = outcome_of(&mut self.pending) => self.reply(outcome),
                pumped = poll_fn(|cx| pump.poll_next(cx, may_read, metrics)) => {
                    if let Err(end) = self.handle_pumped(pumped).await {
                        return end;
                    }
                }
                () = sleep_until(self.heard.next_look) => {
                    if !self.look_for_life() {
                        return SessionEnd::Gone;
                    }
                }
            }
        }
    }

    async fn last_words(&mut self) {
        let after_ms = RESTART_AFTER_MS_MIN + random::below(RESTART_SPREAD_MS) as u32;
        self.pump.outbox.push(&TrackerToMember::Restarting { after_ms });
        let metrics = &self.tracker.metrics;
        let pump = &mut self.pump;
        // Whoever does not take it in time reconnects without having been told.
        let _ = timeout(LAST_WORDS, poll_fn(|cx| pump.poll_drained(cx, metrics))).await;
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
                if !matches!(message, MemberToTracker::Request { .. } | MemberToTracker::Dial { .. }) {
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
            MemberToTracker::InfoPart { file, offset, bytes } => {
                if self.info_parts.add(file, offset, &bytes).is_err() {
                    self.tracker.metrics.rejected_message.inc();
                }
            }
            MemberToTracker::Announce(announce) => {
                let metrics = &self.tracker.metrics;
                match self.tracker.hub.announce(self.presence.session, &announce) {
                    Ok(()) => metrics.announces_ok.inc(),
                    Err(_) => metrics.announces_refused.inc(),
                }
            }
            MemberToTracker::Withdraw { group, file } => {
                self.tracker.hub.withdraw(self.presence.session, group, file);
            }
            MemberToTracker::Ping => self.pump.outbox.push(&TrackerToMember::Pong),
            MemberToTracker::Dial { dial, .. } if is_too_fast => self.refuse_dial(dial, DialRefusal::TooMany),
            MemberToTracker::Dial { dial, group, file, to } => self.dial(dial, group, file, to),
        }
        Ok(())
    }

    async fn request(&mut self, id: RequestId, request: Request) {
        let is_invite = matches!(request, Request::JoinGroup { .. } | Request::PreviewInvite { .. });
        if is_invite {
            match self.tracker.invite_failures.look_at(self.member, self.observed) {
                NextInvite::Now => {}
                NextInvite::After(pause) => tokio::time::sleep(pause).await,
                NextInvite::Refused => {
                    self.tracker.metrics.rejected_invite.inc();
                    return self.push_reply(id, Err(refusals::too_many_invite_failures()));
                }
            }
        }
        match request {
            Request::PreviewInvite { slug, auth } => {
                let outcome = self.tracker.preview(&slug, &auth).await;
                self.count_guess(&outcome);
                self.push_reply(id, outcome);
            }
            Request::ReadInfo { group, file, offset } => {
                let outcome = self.tracker.read_info(self.member, group, file, offset).await;
                self.push_reply(id, outcome);
            }
            request => {
                let info = match &request {
                    Request::PublishTorrent { file, .. } => self.info_parts.take(*file),
                    _ => None,
                };
                let asked = Asked { member: self.member, id, request, info };
                let outcome = self.tracker.ledger.request(asked).await;
                self.pending = Some(Pending { id, is_join: is_invite, outcome });
            }
        }
    }

    /// The pending request's outcome is there.
    fn reply(&mut self, outcome: Result<Reply, Refusal>) {
        let Some(pending) = self.pending.take() else { return };
        if pending.is_join {
            self.count_guess(&outcome);
        }
        self.push_reply(pending.id, outcome);
    }

    fn push_reply(&self, id: RequestId, outcome: Result<Reply, Refusal>) {
        self.pump.outbox.push(&TrackerToMember::Reply { id, outcome });
    }

    fn count_guess(&self, outcome: &Result<Reply, Refusal>) {
        let is_guess = outcome
            .as_ref()
            .is_err_and(|refusal| matches!(refusal.code, RefusalCode::BadInvite | RefusalCode::UnknownGroup));
        if is_guess {
            self.tracker.invite_failures.count(self.member, self.observed);
        }
    }

    fn dial(&self, dial: u32, group: GroupId, file: FileId, to: PeerId) {
        match self.tracker.hub.dial(self.presence.session, group, file, to, clock::now_ms()) {
            Ok((link, ends)) => {
                self.tracker.metrics.dials_granted.inc();
                self.grant(dial, link, group, file, ends);
            }
            Err(reason) => self.refuse_dial(dial, reason),
        }
    }

    /// Each side gets its own token, and hears who the other is.
    fn grant(&self, dial: u32, link: LinkId, group: GroupId, file: FileId, ends: Ends) {
        let Ends { dialer, acceptor } = ends;
        let expires_at_ms = clock::now_ms() + TOKEN_LIFETIME_MS;
        let token = |side, member| LinkToken { link, side, member, expires_at_ms }.seal(&self.tracker.key);
        let to_acceptor = LinkGrant {
            dial: None,
            link,
            token: token(LinkSide::Acceptor, acceptor.peer.member),
            group,
            file,
            peer: dialer.peer,
        };
        let to_dialer = LinkGrant {
            dial: Some(dial),
            link,
            token: token(LinkSide::Dialer, self.member),
            group,
            file,
            peer: acceptor.peer,
        };
        self.send(acceptor.session, to_acceptor);
        self.send(self.presence.session, to_dialer);
    }

    fn send(&self, session: SessionId, grant: LinkGrant) {
        self.tracker.hub.send(session, &TrackerToMember::LinkGrant(grant));
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
        self.pump.outbox.push(&TrackerToMember::DialRefused { dial, reason });
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

/// Never, while nothing is pending.
async fn outcome_of(pending: &mut Option<Pending>) -> Result<Reply, Refusal> {
    match pending {
        // The ledger drops the sender only when the database failed.
        Some(pending) => (&mut pending.outcome).await.unwrap_or_else(|_| Err(refusals::server_error())),
        None => std::future::pending().await,
    }
}
