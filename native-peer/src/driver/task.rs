//! The task that owns the engine.

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use peer_engine::{
    Action, CloseReason, Config, Direction, Engine, Event, Input, Instant as EngineInstant, LinkKey, Opening,
};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wire_protocol::control::{Progress as Announced, SwarmPeer};
use wire_protocol::ids::{MemberKey, PeerId};

use super::contacts::{Attempt, Contacts, LINKS_MAX};
use super::open_links::{OpenLink, OpenLinks};
use super::{Presence, SwarmConfig, SwarmEvent, SwarmState};
use crate::links::{Accepted, Dialler, Incoming, Link, LinkChannels, Listener, Opened, Pipe, Registration};
use crate::report::{Path, PeerChange, PeerView, Progress};
use crate::session::{Session, SessionOver, SwarmFeed};
use crate::storage::{Completion, Job, StoragePool};

/// Received chunks of all links that wait for the engine: at most 4 MiB.
const INCOMING_MAX: usize = 64;
/// Inputs handled between two drains.
const BATCH_MAX: usize = 32;
/// Accepted TCP connections that wait.
const ACCEPTED_MAX: usize = 16;
/// How often the state is told.
const STATE_EVERY: Duration = Duration::from_millis(200);
/// For goodbyes at the end.
const STOP_TIMEOUT: Duration = Duration::from_secs(1);
/// A batch of more bytes than this holds blocks, not just talk.
const BLOCK_BATCH_MIN: usize = 8 << 10;

/// Who got something: members by key, ordinary clients by peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Person {
    Member(MemberKey),
    Stranger(PeerId),
}

pub struct Task {
    engine: Engine,
    epoch: Instant,
    presence: Presence,
    session: Arc<Session>,
    storage: StoragePool,
    completions: Completion,
    channels: LinkChannels,
    incoming: mpsc::Receiver<Incoming>,
    rooms: mpsc::Receiver<LinkKey>,
    links: OpenLinks,
    closing: JoinSet<()>,
    contacts: Contacts,
    feed: SwarmFeed,
    accepted: mpsc::Receiver<Accepted>,
    _registration: Option<Registration>,
    state: watch::Sender<SwarmState>,
    events: mpsc::Sender<SwarmEvent>,
    served: BTreeSet<Person>,
    downloaded_before: u64,
    announced: Option<u32>,
    /// Something changed that the planner should know.
    must_plan: bool,
}

impl Task {
    pub async fn new(
        config: SwarmConfig,
        session: Arc<Session>,
        listener: Option<&Listener>,
        state: watch::Sender<SwarmState>,
        events: mpsc::Sender<SwarmEvent>,
    ) -> Result<Self, SessionOver> {
        let Presence { group, file, .. } = config.presence;
        let feed = session.watch_swarm(group, file).await?;
        let (accepted_sender, accepted) = mpsc::channel(ACCEPTED_MAX);
        let registration = listener
            .map(|listener| listener.serve(config.info.info_hash(), feed.peers.clone(), config.ordinary_clients, accepted_sender));
        let (incoming_sender, incoming) = mpsc::channel(INCOMING_MAX);
        // Each link has at most one notice in it, and its successor may come before it is taken.
        let (rooms_sender, rooms) = mpsc::channel(2 * LINKS_MAX);
        let (storage, completions) = StoragePool::start(config.file, *config.info.layout());
        let engine_config =
            Config { policy: config.policy, ..Config::native(concat!("Covey native-peer ", env!("CARGO_PKG_VERSION"))) };
        let local = config.presence.local;
        let engine = Engine::new(engine_config, config.info, config.have, local, crate::random::seed(), EngineInstant(0));
        Ok(Self {
            engine,
            epoch: Instant::now(),
            contacts: Contacts::new(Dialler { session: session.clone(), group, file }, config.direct),
            presence: config.presence,
            session,
            storage,
            completions,
            channels: LinkChannels { incoming: incoming_sender, rooms: rooms_sender },
            incoming,
            rooms,
            links: OpenLinks::default(),
            closing: JoinSet::new(),
            feed,
            accepted,
            _registration: registration,
            state,
            events,
            served: BTreeSet::new(),
            downloaded_before: 0,
            announced: None,
            must_plan: true,
        })
    }

    /// Until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut next_state = tokio::time::Instant::now();
        let mut chunks = Vec::with_capacity(BATCH_MAX);
        let mut answers = Vec::with_capacity(BATCH_MAX);
        let mut timer = pin!(tokio::time::sleep_until(next_state));
        let mut accepts = true;
        let mut feeds = true;
        loop {
            self.plan();
            self.drain();
            let deadline = self.deadline(next_state);
            if timer.deadline() != deadline {
                timer.as_mut().reset(deadline);
            }
            tokio::select! {
                biased;
                // The end comes first.
                () = stop.cancelled() => break,
                // Then what frees memory: answers of the disks, room in links, received bytes.
                _ = self.completions.recv_many(&mut answers, BATCH_MAX) => {
                    let now = self.now();
                    answers.drain(..).for_each(|answer| self.engine.handle(answer, now));
                    self.storage.refill();
                }
                Some(key) = self.rooms.recv() => self.transmit(key),
                _ = self.incoming.recv_many(&mut chunks, BATCH_MAX) => {
                    chunks.drain(..).for_each(|incoming| self.on_incoming(incoming));
                }
                // Then new links.
                attempt = self.contacts.next_attempt() => self.on_attempt(attempt),
                accepted = self.accepted.recv(), if accepts => match accepted {
                    Some(accepted) => self.on_accepted(accepted),
                    None => accepts = false,
                },
                Some(grant) = self.feed.grants.recv() => self.contacts.accept(grant, self.links.len()),
                changed = self.feed.peers.changed(), if feeds => {
                    feeds = changed.is_ok();
                    self.must_plan = true;
                }
                () = &mut timer => self.engine.handle(Input::Tick, self.now()),
            }
            if tokio::time::Instant::now() >= next_state {
                next_state = tokio::time::Instant::now() + STATE_EVERY;
                self.tell_state();
            }
        }
        self.stop().await;
    }

    fn now(&self) -> EngineInstant {
        EngineInstant(self.epoch.elapsed().as_micros() as u64)
    }

    fn now_ms(&self) -> u64 {
        self.epoch.elapsed().as_millis() as u64
    }

    fn deadline(&self, next_state: tokio::time::Instant) -> tokio::time::Instant {
        let engine = self.engine.poll_timeout().map(|at| self.epoch + Duration::from_micros(at.0));
        let contacts = self.contacts.poll_timeout().map(|at| self.epoch + Duration::from_millis(at));
        let earliest = engine.into_iter().chain(contacts).min();
        earliest.map_or(next_state, |at| next_state.min(at.into()))
    }

    fn peers(&mut self) -> Arc<[SwarmPeer]> {
        self.feed.peers.borrow_and_update().clone()
    }

    fn plan(&mut self) {
        let now_ms = self.now_ms();
        let is_due = self.contacts.poll_timeout().is_some_and(|at| at <= now_ms);
        if std::mem::take(&mut self.must_plan) || is_due {
            let peers = self.peers();
            self.contacts.plan(self.presence.local, self.engine.is_complete(), &peers, now_ms);
        }
    }

    // ------------------------------------------------------------ what the engine wants

    /// Does all that the engine decided. Transmitting can make it want to load more.
    fn drain(&mut self) {
        loop {
            let mut is_idle = true;
            while let Some(action) = self.engine.poll_action() {
                is_idle = false;
                self.perform(action);
            }
            while let Some(key) = self.engine.poll_ready() {
                is_idle = false;
                self.transmit(key);
            }
            while let Some(event) = self.engine.poll_event() {
                is_idle = false;
                self.on_event(event);
            }
            if is_idle {
                return;
            }
        }
    }

    fn perform(&mut self, action: Action) {
        match action {
            Action::Load { job, piece, begin, len } => self.storage.submit(Job::Load { job, piece, begin, len }),
            Action::Hash { job, data, .. } => self.storage.submit(Job::Hash { job, data }),
            Action::Store { job, piece, data } => self.storage.submit(Job::Store { job, piece, data }),
            Action::Close { link, why } => self.close(link, &why),
        }
    }

    fn transmit(&mut self, key: LinkKey) {
        let now = self.now();
        let Some(open) = self.links.get(key) else {
            return;
        };
        while let Some(room) = open.link.room() {
            let mut segments: Vec<Bytes> = Vec::new();
            let bytes = self.engine.poll_transmit(key, room, &mut segments, now);
            if bytes == 0 {
                return;
            }
            open.link.send(segments, bytes);
            if bytes >= BLOCK_BATCH_MIN {
                let person = match (&open.peer, open.ready) {
                    (Some(peer), _) => Some(Person::Member(peer.member)),
                    (None, ready) => ready.map(Person::Stranger),
                };
                self.served.extend(person);
            }
            self.state.send_if_modified(|state| {
                match open.path {
                    Path::Direct => state.sent_direct += bytes as u64,
                    Path::Relay => state.sent_relay += bytes as u64,
                }
                false
            });
        }
    }

    fn on_event(&mut self, event: Event) {
        match event {
            Event::PeerReady { link, peer } => {
                if let Some(open) = self.links.get_mut(link) {
                    open.ready = Some(peer);
                    let view = open.view(peer);
                    tracing::info!(name = %view.name, path = view.path.as_str(), "connected");
                    self.tell(SwarmEvent::Peer(view, PeerChange::Join));
                }
            }
            Event::PieceVerified { .. } => {}
            Event::PieceFailed { piece, senders } => {
                let senders = senders.into_iter().map(|peer| (peer, self.name_of(peer))).collect();
                tracing::warn!(piece, ?senders, "a piece has a wrong hash");
                self.tell(SwarmEvent::PieceFailed { piece, senders });
            }
            Event::PeerBanned { peer, member, piece, .. } => {
                let name = self.name_of(peer);
                tracing::warn!(%name, %peer, piece, "banned: sent a bad piece");
                if let Some(member) = member {
                    self.contacts.ban(member);
                }
                self.tell(SwarmEvent::PeerBanned { peer, name, piece });
            }
            Event::Completed => {
                self.announce();
                self.must_plan = true;
                self.tell_state();
            }
            Event::StorageFailed(error) => {
                tracing::error!(%error, "storage failed");
                self.state.send_modify(|state| state.storage_failure = Some(error.0));
            }
        }
    }

    /// Without waiting: a terminal that stands still must not stop the transfer.
    fn tell(&self, event: SwarmEvent) {
        if self.events.try_send(event).is_err() {
            tracing::debug!("an event is not shown");
        }
    }

    fn name_of(&self, peer: PeerId) -> String {
        let listed = || self.feed.peers.borrow().iter().find(|listed| listed.peer == peer).map(|listed| listed.display_name.clone());
        self.links.name_of(peer).or_else(listed).unwrap_or_else(|| peer.short())
    }

    // ------------------------------------------------------------ links

    fn on_incoming(&mut self, incoming: Incoming) {
        let now = self.now();
        match incoming {
            Incoming::Received(link, bytes) => self.engine.handle(Input::Received { link, bytes }, now),
            Incoming::Closed(link) => {
                self.engine.handle(Input::LinkClosed { link }, now);
                self.forget(link);
            }
        }
    }

    fn on_attempt(&mut self, attempt: Attempt) {
        match attempt.result {
            Ok(opened) => self.open(opened),
            Err(error) => {
                tracing::debug!(%error, "a peer was not reached");
                if let Some(peer) = attempt.dialled {
                    self.contacts.on_failed(peer, self.now_ms());
                    self.must_plan = true;
                }
            }
        }
    }

    fn open(&mut self, opened: Opened) {
        let Opened { pipe, path, direction, peer } = opened;
        self.start_link(pipe, path, direction, Some(peer));
    }

    fn on_accepted(&mut self, accepted: Accepted) {
        let is_banned = accepted.peer.as_ref().is_some_and(|peer| self.contacts.is_banned(peer.member));
        if is_banned || self.links.len() >= LINKS_MAX {
            return;
        }
        let link = self.start_link(Pipe::Tcp(accepted.stream), Path::Direct, Direction::Accepted, accepted.peer);
        self.engine.handle(Input::Received { link, bytes: accepted.head }, self.now());
    }

    fn start_link(&mut self, pipe: Pipe, path: Path, direction: Direction, peer: Option<SwarmPeer>) -> LinkKey {
        let key = self.links.next_key();
        let link = Link::start(key, pipe, &self.channels);
        let opening = Opening {
            direction,
            peer: peer.as_ref().map(|peer| peer.peer),
            member: peer.as_ref().map(|peer| peer.member),
        };
        if let Some(peer) = &peer {
            self.contacts.on_open(peer.peer);
        }
        self.links.insert(key, OpenLink { link, path, is_dialled: direction == Direction::Dialed, peer, ready: None });
        self.engine.handle(Input::LinkOpened { link: key, opening }, self.now());
        key
    }

    /// The engine gave it up.
    fn close(&mut self, key: LinkKey, why: &CloseReason) {
        if let Some(open) = self.forget(key) {
            tracing::info!(name = %open.name(), %why, "link closed");
            self.closing.spawn(open.link.close());
        }
        while self.closing.try_join_next().is_some() {}
    }

    fn forget(&mut self, key: LinkKey) -> Option<OpenLink> {
        let open = self.links.remove(key)?;
        if let Some(peer) = &open.peer {
            if open.is_dialled && open.path == Path::Direct && open.ready.is_none() {
                self.contacts.on_direct_failed(peer.peer);
            }
            self.contacts.on_closed(peer.peer, self.now_ms());
            self.must_plan = true;
        }
        if let Some(id) = open.ready {
            self.tell(SwarmEvent::Peer(open.view(id), PeerChange::Leave));
        }
        Some(open)
    }

    // ------------------------------------------------------------ telling

    fn announce(&mut self) {
        let stats = self.engine.stats();
        let progress = Announced::Pieces { have: stats.pieces_have, total: stats.pieces };
        if self.announced != Some(stats.pieces_have) && self.session.announce(self.presence.announce(progress)) {
            self.announced = Some(stats.pieces_have);
        }
    }

    fn tell_state(&mut self) {
        self.announce();
        let stats = self.engine.stats();
        let peers = self.engine.peers().into_iter().filter_map(|peer| {
            let open = self.links.get(peer.link)?;
            let have_milli = (u64::from(peer.pieces_have) * 1000 / u64::from(stats.pieces.max(1))) as u32;
            Some(PeerView { have_milli, rate_down: peer.rate_down, rate_up: peer.rate_up, ..open.view(peer.peer) })
        });
        let progress = Progress {
            done: (stats.bytes_have + stats.bytes_partial).min(stats.bytes),
            total: stats.bytes,
            sent: stats.uploaded,
            down_bps: stats.rate_down,
            up_bps: stats.rate_up,
            copies_milli: stats.copies_milli,
            peers: peers.collect(),
        };
        let arrived = stats.downloaded > self.downloaded_before;
        self.downloaded_before = stats.downloaded;
        let listed = self.feed.peers.borrow().clone();
        let (is_complete, people_served) = (self.engine.is_complete(), self.served.len());
        self.state.send_modify(|state| {
            state.progress = progress;
            state.downloaded = stats.downloaded;
            state.people_served = people_served;
            state.is_complete = is_complete;
            state.pieces_unavailable = stats.pieces_unavailable;
            state.listed = listed;
            if arrived {
                state.last_arrival = Some(Instant::now());
            }
        });
    }

    async fn stop(mut self) {
        self.tell_state();
        for key in self.links.keys() {
            self.engine.handle(Input::Command(peer_engine::Command::Close(key)), self.now());
        }
        self.drain();
        let goodbyes = async {
            while self.closing.join_next().await.is_some() {}
        };
        let _ = tokio::time::timeout(STOP_TIMEOUT, goodbyes).await;
        self.session.withdraw(self.presence.group, self.presence.file).await;
    }
}
