//! The task that owns the engine.

mod linking;
mod telling;

use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use peer_engine::{Config, Engine, Input, LinkKey, Output, Timestamp};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::{MemberKey, PeerId};

use super::contacts::{Contacts, LINKS_MAX};
use super::open_links::OpenLinks;
use super::{Presence, SwarmConfig, SwarmEvent, SwarmState};
use crate::links::{Accepted, Dialler, Incoming, LinkChannels, Listener, Registration};
use crate::report::Path;
use crate::session::{Session, SessionOver, SwarmFeed};
use crate::storage::{Completion, StoragePool};

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
/// Received and not yet stored, bytes; more if pieces are long.
const UNVERIFIED_BYTES: u64 = 48 << 20;
/// Pieces that are being hashed or stored, at least.
const UNVERIFIED_PIECES_MIN: u64 = 6;

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
    sent_direct: u64,
    sent_relay: u64,
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
        let registration = listener.map(|listener| {
            listener.serve(config.info.info_hash(), feed.peers.clone(), config.ordinary_clients, accepted_sender)
        });
        let (incoming_sender, incoming) = mpsc::channel(INCOMING_MAX);
        // Each link has at most one notice in it, and its successor may come before it is taken.
        let (rooms_sender, rooms) = mpsc::channel(2 * LINKS_MAX);
        let engine_config = engine_config(&config);
        let (storage, completions) = StoragePool::start(config.file, *config.info.layout());
        let local = config.presence.local;
        let engine = Engine::new(engine_config, config.info, config.have, local, crate::random::seed(), Timestamp(0));
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
            sent_direct: 0,
            sent_relay: 0,
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
        // Before the first dial: the tracker gives links only to those who are in the swarm.
        self.announce();
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

    fn now(&self) -> Timestamp {
        Timestamp(self.epoch.elapsed().as_micros() as u64)
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

    /// Does all that the engine decided.
    fn drain(&mut self) {
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Transmit(key) => self.transmit(key),
                Output::Storage(job) => self.storage.submit(job),
                Output::Close { link, why } => self.close(link, &why),
                Output::Event(event) => self.on_event(event),
                other => tracing::error!(?other, "the engine wants something unknown"),
            }
        }
    }

    fn transmit(&mut self, key: LinkKey) {
        let now = self.now();
        let Some(open) = self.links.get(key) else {
            return;
        };
        while let Some(room) = open.link.room() {
            let mut segments: Vec<Bytes> = Vec::new();
            let bytes = self.engine.transmit(key, room, &mut segments, now);
            if bytes == 0 {
                return;
            }
            open.link.send(segments, bytes);
            match open.path {
                Path::Direct => self.sent_direct += bytes as u64,
                Path::Relay => self.sent_relay += bytes as u64,
            }
        }
    }

    async fn stop(mut self) {
        self.tell_state();
        for key in self.links.keys() {
            self.engine.handle(Input::Command(peer_engine::Command::Close(key)), self.now());
        }
        self.drain();
        let goodbyes = async { while self.closing.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(STOP_TIMEOUT, goodbyes).await;
        self.session.withdraw(self.presence.group, self.presence.file).await;
    }
}

/// Received and not yet stored is what a crash loses, and most of the program's memory. Enough
/// for every storage thread to be busy.
fn engine_config(config: &SwarmConfig) -> Config {
    let pieces = u64::from(config.info.layout().nominal_piece_len()) * UNVERIFIED_PIECES_MIN;
    let mut engine = Config::new(concat!("Covey native-peer ", env!("CARGO_PKG_VERSION")));
    engine.policy = config.tuning.policy;
    engine.limits = config.tuning.limits;
    engine.request_pipeline = config.tuning.pipeline;
    engine.seed_choking = config.tuning.seed_choking;
    engine.unverified_bytes_max = UNVERIFIED_BYTES.max(pieces);
    engine
}
