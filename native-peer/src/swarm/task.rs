//! The task that drives a [`LocalPeer`]: it hands in what happened and does what is wanted.

use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use local_peer::{
    Candidate, CandidateList, Config, Identity, Input, LinkFailure, LocalPeer, Output, Path, Progress, Refused, Room,
    Source, Timestamp,
};
use membership::candidates::{announced, candidate, peer_name};
use peer_engine::LinkKey;
use secure_link::Proven;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use wire_protocol::control::{LinkGrant, PeerName, SwarmPeer};

use super::places::{LIMIT, Places, Share};
use super::trust::Trust;
use super::{Presence, SwarmConfig, SwarmEvent, SwarmState};
use crate::links::{Accepted, Granted, Incoming, LinkEvent, LinkTable, Listener, Registration, Security, Served};
use crate::session::{Session, SessionOver, SwarmFeed, SwarmNews};
use crate::storage::{Completion, StoragePool};

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
const UNVERIFIED_BYTES: u64 = 48 << 20;
/// Pieces that are being hashed or stored, at least.
const UNVERIFIED_PIECES_MIN: u64 = 6;

pub struct Task {
    pub(super) peer: LocalPeer,
    epoch: Instant,
    presence: Presence,
    session: Arc<Session>,
    feed: SwarmFeed,
    /// The list as it was handed in last.
    listed: CandidateList,
    share: Share,
    links: LinkTable,
    trust: Trust,
    incoming: mpsc::Receiver<Incoming>,
    rooms: mpsc::Receiver<LinkKey>,
    accepted: mpsc::Receiver<Accepted>,
    registration: Option<Registration>,
    storage: StoragePool,
    completions: Completion,
    pub(super) state: watch::Sender<SwarmState>,
    pub(super) events: mpsc::Sender<SwarmEvent>,
    /// What the session was too busy to be told.
    unsaid: Option<Progress>,
}

impl Task {
    pub async fn new(
        config: SwarmConfig,
        session: Arc<Session>,
        listener: Option<&Listener>,
        places: &Places,
        state: watch::Sender<SwarmState>,
        events: mpsc::Sender<SwarmEvent>,
    ) -> Result<Self, SessionOver> {
        let feed = session.watch_swarm(config.presence.swarm).await?;
        let (accepted_sender, accepted) = mpsc::channel(ACCEPTED_MAX);
        let trust = Trust::new(&config);
        let registration = listener.map(|listener| {
            listener.serve(Served {
                info_hash: config.info.info_hash(),
                credentials: trust.credentials(),
                group: feed.group.clone(),
                ordinary_clients: config.ordinary_clients || !config.tuning.encrypted,
                accepted: accepted_sender,
            })
        });
        let (incoming_sender, incoming) = mpsc::channel(INCOMING_MAX);
        // Each link has at most one notice in it, and its successor may come before it is taken.
        let (rooms_sender, rooms) = mpsc::channel(2 * LIMIT.links);
        let engine_config = engine_config(&config);
        let (storage, completions) = StoragePool::start(config.file, *config.info.layout());
        let peer_config = Config { limit: LIMIT, direct: config.direct };
        let mut peer = LocalPeer::new(peer_config, config.presence.local, crate::random::seed(), Timestamp(0));
        peer.begin(engine_config, config.info, config.have, Timestamp(0));
        Ok(Self {
            peer,
            epoch: Instant::now(),
            presence: config.presence,
            session,
            feed,
            listed: CandidateList::default(),
            share: places.enter(),
            links: LinkTable::new(incoming_sender, rooms_sender),
            trust,
            incoming,
            rooms,
            accepted,
            registration,
            storage,
            completions,
            state,
            events,
            unsaid: None,
        })
    }

    /// Drives the local peer until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let mut next_state = tokio::time::Instant::now();
        let mut chunks = Vec::with_capacity(BATCH_MAX);
        let mut answers = Vec::with_capacity(BATCH_MAX);
        let mut timer = pin!(tokio::time::sleep_until(next_state));
        let mut accepts = true;
        let mut feeds = true;
        self.on_news(SwarmNews::Changed);
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
                news = self.feed.next(), if feeds => match news {
                    Ok(news) => self.on_news(news),
                    Err(_) => feeds = false,
                },
                () = self.share.freed() => {}
                () = &mut timer => self.handle(Input::Tick),
            }
            if tokio::time::Instant::now() >= next_state {
                next_state = tokio::time::Instant::now() + STATE_EVERY;
                self.tell_state();
            }
        }
        self.stop().await;
    }

    pub(super) fn now(&self) -> Timestamp {
        Timestamp(self.epoch.elapsed().as_micros() as u64)
    }

    fn handle(&mut self, input: Input) {
        self.peer.handle(input, self.now());
    }

    fn deadline(&self, next_state: tokio::time::Instant) -> tokio::time::Instant {
        let due = self.peer.poll_timeout(self.now()).map(|at| self.epoch + Duration::from_micros(at.0));
        due.map_or(next_state, |at| next_state.min(at.into()))
    }

    // ------------------------------------------------------------ what is wanted

    /// Does all that the local peer decided.
    fn drain(&mut self) {
        if let Some(progress) = self.unsaid {
            self.announce(progress);
        }
        while let Some(output) = self.next_output() {
            match output {
                Output::Dial { link, to, path } => self.dial(link, &to, path),
                Output::Pair { link } => self.links.pair(link),
                Output::Transmit(link) => self.transmit(link),
                Output::Storage(job) => self.storage.submit(job),
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
        if path == Path::Direct {
            return match self.trust.security(to, Security::Initiate) {
                Some(security) => self.links.connect(link, to.addresses.clone(), security),
                None => self.handle(Input::Failed { link, why: LinkFailure::OutOfDate }),
            };
        }
        self.links.ask(link);
        if !peer_name(to).is_some_and(|to| self.session.dial(self.presence.swarm, to, link)) {
            self.links.forget(link);
            self.handle(Input::Failed { link, why: LinkFailure::Offline });
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
        let is_said = announced(progress).is_none_or(|told| self.session.announce(self.presence.announce(told)));
        self.unsaid = (!is_said).then_some(progress);
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
        let from = accepted.who.map(|who| self.proven(&who));
        if let Some(link) = self.accept(from.unwrap_or_default(), Path::Direct) {
            self.links.insert(link, accepted.ends);
            self.handle(Input::Secured { link, who: None });
        }
    }

    /// Who proved to be there, with what the tracker says of them, if it has said so yet.
    fn proven(&self, who: &Proven) -> Candidate {
        let name = self.feed.group.borrow().name_of(who.member);
        let is_it = |listed: &&SwarmPeer| listed.name == PeerName { member: who.member, peer: who.peer };
        let unlisted = || Candidate {
            peer: Some(who.peer),
            identity: Some(Identity(who.member.0)),
            name: name.clone(),
            ..Candidate::default()
        };
        let peers = self.feed.peers.borrow();
        peers.iter().find(is_it).map_or_else(unlisted, |listed| candidate(listed, &name))
    }

    fn on_news(&mut self, news: SwarmNews) {
        match news {
            SwarmNews::Changed => self.on_changed(),
            SwarmNews::Asked(grant) => {
                let name = self.feed.group.borrow().name_of(grant.peer.name.member);
                let from = candidate(&grant.peer, &name);
                let security = self.trust.security(&from, Security::Respond);
                if let Some(security) = security
                    && let Some(link) = self.accept(from, Path::Relay)
                {
                    self.links.ask(link);
                    self.grant(link, grant, security);
                }
            }
            SwarmNews::Dialed { link, outcome: Ok(grant) } => {
                let to = candidate(&grant.peer, "");
                let Some(security) = self.trust.security(&to, Security::Initiate) else {
                    self.links.forget(link);
                    return self.handle(Input::Failed { link, why: LinkFailure::OutOfDate });
                };
                self.grant(link, grant, security);
                self.handle(Input::Granted { link });
            }
            SwarmNews::Dialed { link, outcome: Err(why) } => {
                self.links.forget(link);
                self.handle(Input::Failed { link, why: why.into() });
            }
        }
    }

    fn grant(&mut self, link: LinkKey, grant: LinkGrant, security: Security) {
        let url = self.session.server().link(grant.relay.as_deref());
        self.links.grant(link, Granted { url, token: grant.token, link: grant.link }, security);
    }

    fn accept(&mut self, from: Candidate, path: Path) -> Option<LinkKey> {
        let (now, occupied) = (self.now(), self.peer.occupies());
        let peer = &mut self.peer;
        let accepted: Result<LinkKey, Refused> = self.share.lend(occupied, |room| peer.accept(from, path, room, now));
        accepted.inspect_err(|why| tracing::debug!(%why, "a link is not accepted")).ok()
    }

    /// The list, a name in it or the connection to the server changed.
    fn on_changed(&mut self) {
        let is_online = self.feed.status.borrow_and_update().is_online;
        self.handle(Input::RelayAvailable(is_online));
        let peers = self.feed.peers.borrow_and_update().clone();
        let group = self.feed.group.borrow_and_update().clone();
        for gone in self.trust.renew(&group) {
            self.handle(Input::PersonGone(gone));
        }
        let candidates = peers.iter().map(|listed| candidate(listed, &group.name_of(listed.name.member)));
        if let Some(candidates) = self.listed.next(candidates) {
            self.listed = candidates.clone();
            self.handle(Input::Listed { source: Source::Group, candidates });
        }
    }

    async fn stop(mut self) {
        // Nobody new is let in while the others are told.
        self.registration = None;
        self.tell_state();
        self.handle(Input::Leave);
        self.drain();
        let _ = tokio::time::timeout(STOP_TIMEOUT, self.links.closed()).await;
        // Whoever reads slowly gets no more, however long the tracker takes.
        drop(self.links);
        self.session.withdraw(self.presence.swarm).await;
    }
}

/// Received and not yet stored is what a crash loses, and most of the program's memory. Enough
/// for every storage thread to be busy.
fn engine_config(config: &SwarmConfig) -> peer_engine::Config {
    let pieces = u64::from(config.info.layout().nominal_piece_len()) * UNVERIFIED_PIECES_MIN;
    let mut engine = peer_engine::Config::new(concat!("Covey native-peer ", env!("CARGO_PKG_VERSION")));
    engine.policy = config.tuning.policy;
    engine.limits = config.tuning.limits;
    engine.request_pipeline = config.tuning.pipeline;
    engine.seed_choking = config.tuning.seed_choking;
    engine.unverified_bytes_max = UNVERIFIED_BYTES.max(pieces);
    engine
}
