//! The task that drives a [`LocalPeer`]: it hands in what happened and does what is wanted.

use std::pin::pin;
use std::time::{Duration, Instant};

use bytes::Bytes;
use local_peer::{Candidate, Config, Input, LinkFailure, LocalPeer, Output, Path, Progress, Refused, Room, Timestamp};
use peer_engine::{Command, LinkKey, PeerExchange};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use wire_protocol::ids::PeerId;

use super::in_group::GroupSide;
use super::outside::Outside;
use super::places::{LIMIT, Places, Share};
use super::sent::SentPieces;
use super::{BridgeEnd, OrdinaryClients, SwarmConfig, SwarmEvent, SwarmState};
use crate::discovery::Found;
use crate::links::{
    Accepted, Caller, Incoming, LinkEvent, LinkTable, Listener, Ordinary, Registration, Security, Served, Strangers,
};
use crate::session::{SessionOver, SwarmNews};
use crate::storage::{Completion, Jobs};
use crate::web_seed::WebSeeds;

/// Received chunks of all links that wait for the task: at most 4 MiB.
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
const UNVERIFIED_BYTES: u64 = 16 << 20;
/// Pieces that are being hashed or stored, at least.
const UNVERIFIED_PIECES_MIN: u64 = 6;

pub struct Task {
    pub(super) peer: LocalPeer,
    epoch: Instant,
    /// `None`: it is no group's.
    pub(super) group: Option<GroupSide>,
    /// `None`: peers come from the group only.
    pub(super) outside: Option<Outside>,
    /// How those are dialed.
    strangers: Strangers,
    share: Share,
    pub(super) links: LinkTable,
    incoming: mpsc::Receiver<Incoming>,
    rooms: mpsc::Receiver<LinkKey>,
    accepted: mpsc::Receiver<Accepted>,
    pub(super) web_seeds: WebSeeds,
    registration: Option<Registration>,
    storage: Jobs,
    pub(super) sent: SentPieces,
    pub(super) bridge: Option<BridgeEnd>,
    /// Of an upstream end: who lied.
    pub(super) banned: Vec<bridge::Seeder>,
    completions: Completion,
    pub(super) state: watch::Sender<SwarmState>,
    pub(super) events: mpsc::Sender<SwarmEvent>,
}

impl Task {
    pub async fn new(
        config: SwarmConfig,
        listener: Option<&Listener>,
        places: &Places,
        state: watch::Sender<SwarmState>,
        events: mpsc::Sender<SwarmEvent>,
    ) -> Result<Self, SessionOver> {
        let engine_config = engine_config(&config, listener);
        let info_hash = config.info.info_hash();
        let group = match config.group {
            Some(group) => Some(GroupSide::new(group, info_hash, &config.tuning, config.ordinary).await?),
            None => None,
        };
        let (accepted_sender, accepted) = mpsc::channel(ACCEPTED_MAX);
        let web_seeds = WebSeeds::start(&config.web_seeds, &config.info, &accepted_sender, &events);
        let registration = listener.map(|listener| {
            listener.serve(Served {
                info_hash,
                group: group.as_ref().map(GroupSide::access),
                ordinary: ordinary(config.ordinary, config.tuning.encrypted, group.as_ref()),
                accepted: accepted_sender,
            })
        });
        let (incoming_sender, incoming) = mpsc::channel(INCOMING_MAX);
        // Each link has at most one notice in it, and its successor may come before it is taken.
        let (rooms_sender, rooms) = mpsc::channel(2 * LIMIT.links);
        let outside = config.outside.as_ref();
        let strangers = outside.map_or_else(|| Strangers::new(info_hash), |outside| outside.strangers(info_hash));
        let (storage, completions) = config.content.start(*config.info.layout());
        let peer_config = Config { limit: LIMIT, direct: config.direct };
        let mut peer = LocalPeer::new(peer_config, config.local, crate::random::seed(), Timestamp(0));
        peer.begin(engine_config, config.info, config.have, Timestamp(0));
        if let Some(wanted) = config.wanted {
            peer.handle(Input::Command(Command::SetWanted(wanted)), Timestamp(0));
        }
        Ok(Self {
            peer,
            epoch: Instant::now(),
            group,
            outside: config.outside,
            strangers,
            share: places.enter(),
            links: LinkTable::new(incoming_sender, rooms_sender),
            incoming,
            rooms,
            accepted,
            web_seeds,
            registration,
            storage,
            sent: SentPieces::default(),
            bridge: config.bridge,
            banned: Vec::new(),
            completions,
            state,
            events,
        })
    }

    /// Drives the local peer until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut next_state = tokio::time::Instant::now();
        let mut chunks = Vec::with_capacity(BATCH_MAX);
        let mut answers = Vec::with_capacity(BATCH_MAX);
        let mut timer = pin!(tokio::time::sleep_until(next_state));
        let mut accepts = true;
        if self.group.is_some() {
            self.on_news(SwarmNews::Changed);
        }
        loop {
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
                    answers.drain(..).for_each(|answer| self.handle(answer));
                    self.storage.refill();
                }
                Some(link) = self.rooms.recv() => self.transmit(link),
                _ = self.incoming.recv_many(&mut chunks, BATCH_MAX) => {
                    chunks.drain(..).for_each(|incoming| self.on_incoming(incoming));
                }
                // Then links that come and go, and places for them.
                event = self.links.next_event() => self.on_link_event(event),
                accepted = self.accepted.recv(), if accepts => match accepted {
                    Some(accepted) => self.on_accepted(accepted),
                    None => accepts = false,
                },
                news = GroupSide::next(&mut self.group) => match news {
                    Ok(news) => self.on_news(news),
                    Err(SessionOver) => tracing::debug!("the session is over"),
                },
                Found { source, addresses } = Outside::next(&mut self.outside) => {
                    self.handle(Input::Found { source, addresses });
                }
                () = self.share.freed() => {}
                () = &mut timer => self.handle(Input::Tick),
            }
            if tokio::time::Instant::now() >= next_state {
                next_state = tokio::time::Instant::now() + STATE_EVERY;
                self.tell_state();
                self.storage.refill();
            }
        }
        self.stop().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.epoch.elapsed().as_micros() as u64)
    }

    pub(super) fn handle(&mut self, input: Input) {
        self.peer.handle(input, self.now());
    }

    fn deadline(&self, next_state: tokio::time::Instant) -> tokio::time::Instant {
        let due = self.peer.poll_timeout(self.now()).map(|at| self.epoch + Duration::from_micros(at.0));
        due.map_or(next_state, |at| next_state.min(at.into()))
    }

    // ------------------------------------------------------------ what is wanted

    /// Does all that the local peer decided.
    fn drain(&mut self) {
        if let Some(group) = &mut self.group {
            group.say_again();
        }
        while let Some(output) = self.next_output() {
            match output {
                Output::Dial { link, to, path } => self.dial(link, &to, path),
                Output::Pair { link } => self.links.pair(link),
                Output::Transmit(link) => self.transmit(link),
                Output::Storage(job) => {
                    self.sent.note(&job);
                    self.storage.submit(job);
                }
                Output::Close { link, why } => {
                    tracing::debug!(link = link.0, %why, "a link is closed");
                    if self.links.close(link) {
                        self.handle(Input::Closed { link });
                    }
                }
                Output::Announce(progress) => self.announce(progress),
                Output::Event(event) => self.on_event(event),
            }
        }
    }

    fn next_output(&mut self) -> Option<Output> {
        let (now, occupied) = (self.now(), self.peer.occupies());
        let peer = &mut self.peer;
        // Most of it needs no place: other swarms need not wait for that.
        let output = peer.poll_output(&mut Room::default(), now);
        output.or_else(|| self.share.lend(occupied, |room| peer.poll_output(room, now)))
    }

    fn dial(&mut self, link: LinkKey, to: &Candidate, path: Path) {
        let dialed = match (&mut self.group, path) {
            (Some(group), Path::Relay) => {
                group.dial(link, to).then(|| self.links.ask(link)).ok_or(LinkFailure::Offline)
            }
            (None, Path::Relay) => Err(LinkFailure::Offline),
            (group, Path::Direct) => {
                let stranger = || Some(Security::Stranger(self.strangers.clone()));
                let security = group.as_ref().map_or_else(stranger, |group| group.initiate(to));
                let connect = |security| self.links.connect(link, to.addresses.clone(), security);
                security.map(connect).ok_or(LinkFailure::OutOfDate)
            }
        };
        if let Err(why) = dialed {
            self.handle(Input::Failed { link, why });
        }
    }

    fn transmit(&mut self, link: LinkKey) {
        let now = self.now();
        let Some(open) = self.links.open(link) else {
            return;
        };
        while let Some(room) = open.room() {
            let mut segments: Vec<Bytes> = Vec::new();
            let bytes = self.peer.transmit(link, room, &mut segments, now);
            if bytes == 0 {
                return;
            }
            open.send(segments, bytes);
        }
    }

    /// At once: the tracker gives links only to those who are in the swarm.
    fn announce(&mut self, progress: Progress) {
        if let Some(group) = &mut self.group {
            group.announce(progress);
        }
    }

    // ------------------------------------------------------------ what happened

    fn on_incoming(&mut self, incoming: Incoming) {
        match incoming {
            Incoming::Received(link, bytes) => self.handle(Input::Received { link, bytes }),
            Incoming::Closed(link) => {
                self.links.forget(link);
                self.handle(Input::Closed { link });
            }
        }
    }

    fn on_link_event(&mut self, event: LinkEvent) {
        match event {
            LinkEvent::Opened(link, ends) => {
                let opened = match ends.path() {
                    Path::Direct => Input::Connected { link },
                    Path::Relay => Input::Paired { link },
                };
                if self.links.start(link, *ends) {
                    self.handle(opened);
                    self.handle(Input::Secured { link, who: None });
                }
            }
            LinkEvent::Failed(link, why) => {
                self.links.forget(link);
                self.handle(Input::Failed { link, why });
            }
            LinkEvent::Closed(link) => self.handle(Input::Closed { link }),
        }
    }

    fn on_accepted(&mut self, accepted: Accepted) {
        let from = match &accepted.who {
            Caller::Member(who) => self.group.as_ref().map_or_else(Candidate::default, |group| group.proven(who)),
            Caller::Stranger(from) => Candidate::caller(from.ip()),
            Caller::WebSeed { peer, name } => web_seed(*peer, name),
        };
        if let Some(link) = self.accept(from, Path::Direct) {
            self.links.insert(link, accepted.ends);
            self.handle(Input::Secured { link, who: None });
        }
    }

    pub(super) fn accept(&mut self, from: Candidate, path: Path) -> Option<LinkKey> {
        let (now, occupied) = (self.now(), self.peer.occupies());
        let peer = &mut self.peer;
        let accepted: Result<LinkKey, Refused> = self.share.lend(occupied, |room| peer.accept(from, path, room, now));
        accepted.inspect_err(|why| tracing::debug!(%why, "a link is not accepted")).ok()
    }

    async fn stop(mut self) {
        // Nobody new is let in while the others are told.
        self.registration = None;
        self.web_seeds.stop();
        self.tell_state();
        self.handle(Input::Leave);
        self.drain();
        let outside = self.outside.take();
        let goodbyes = async {
            if let Some(outside) = outside {
                outside.stop().await;
            }
        };
        let closed = tokio::time::timeout(STOP_TIMEOUT, self.links.closed());
        let _ = tokio::join!(closed, goodbyes);
        // Whoever reads slowly gets no more, however long the tracker takes.
        drop(self.links);
        if let Some(group) = self.group {
            group.withdraw().await;
        }
    }
}

/// A web seed as a peer. Nobody else knows its id.
fn web_seed(peer: PeerId, name: &str) -> Candidate {
    Candidate { peer: Some(peer), name: name.to_owned(), client: "HTTP".to_owned(), ..Candidate::default() }
}

/// Without encryption between members (for measuring) nobody can be told from a stranger.
fn ordinary(clients: OrdinaryClients, is_encrypted: bool, group: Option<&GroupSide>) -> Ordinary {
    match (clients, group) {
        (OrdinaryClients::Anybody, _) => Ordinary::Anybody,
        _ if !is_encrypted => Ordinary::Anybody,
        (OrdinaryClients::Announced, Some(group)) => Ordinary::Listed(group.announced_from()),
        _ => Ordinary::Nobody,
    }
}

/// Who is in a group is the group's business. Whoever fetches for one has peers that its tracker named.
fn peer_exchange(config: &SwarmConfig) -> PeerExchange {
    match (&config.group, &config.bridge) {
        (Some(_), _) => PeerExchange::Off,
        (None, Some(_)) => PeerExchange::Heard,
        (None, None) => PeerExchange::Told,
    }
}

/// Received and not yet stored is what a crash loses, and most of the program's memory. Enough
/// for every storage thread to be busy.
fn engine_config(config: &SwarmConfig, listener: Option<&Listener>) -> peer_engine::Config {
    let pieces = u64::from(config.info.layout().nominal_piece_len()) * UNVERIFIED_PIECES_MIN;
    let mut engine = peer_engine::Config::new(concat!("Covey native-peer ", env!("CARGO_PKG_VERSION")));
    engine.listen_port =
        listener.map(|listener| listener.local_addr().port()).filter(|_| config.ordinary != OrdinaryClients::Nobody);
    engine.peer_exchange = peer_exchange(config);
    engine.policy = config.tuning.policy;
    engine.limits = config.tuning.limits;
    engine.request_pipeline = config.tuning.pipeline;
    engine.seed_choking = config.tuning.seed_choking;
    engine.fetch_only = matches!(config.bridge, Some(BridgeEnd::Upstream(_)));
    // A bridge that holds everything for now will ask again.
    engine.close_when_both_complete = !engine.fetch_only;
    engine.unverified_bytes_max = UNVERIFIED_BYTES.max(pieces);
    engine
}
