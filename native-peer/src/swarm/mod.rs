//! One swarm under tokio: a task owns the [`local_peer::LocalPeer`] and does what it decides. Nothing in
//! it waits for a disk, a socket or a terminal.

mod bridging;
mod in_group;
mod outside;
mod places;
mod sent;
mod task;
mod telling;
mod trust;

use std::sync::Arc;
use std::time::{Duration, Instant};

use local_peer::Waiting;
use metainfo::Info;
use peer_engine::PieceSet;
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::{Announce, Listen, Offers, Progress as Told, SwarmName};
use wire_protocol::ids::PeerId;

use crate::cli::Tuning;
use crate::discovery::TrackerStatus;
use crate::links::Listener;
use crate::report::{PeerChange, PeerView, Progress};
use crate::session::{Session, SessionOver};
use crate::storage::Store;
use crate::web_seed;
pub use outside::{Announced, Outside};
pub use places::Places;
use task::Task;

/// Events that wait for whoever shows them; more are dropped, never waited for.
const EVENTS_MAX: usize = 256;
/// When nothing arrived for so long there is no rate, and a wait is explained.
pub const IDLE_AFTER: Duration = Duration::from_secs(3);

/// This peer in a file's swarm, before and while there is an engine.
#[derive(Debug, Clone)]
pub struct Presence {
    pub swarm: SwarmName,
    /// Our id on the peer wire, for this torrent and run.
    pub local: PeerId,
    /// Where we accept TCP.
    pub listen: Option<Listen>,
    /// Ordinary BitTorrent clients are accepted there.
    pub plain: bool,
    /// It is a bridge's.
    pub bridge: bool,
}

impl Presence {
    /// A fresh one.
    pub fn new(swarm: SwarmName, listen: Option<Listen>, plain: bool) -> Self {
        Self { swarm, local: PeerId::covey(crate::random::bytes()), listen, plain, bridge: false }
    }

    /// What the tracker is told.
    pub fn announce(&self, progress: Told) -> Announce {
        let offers = Offers { plain: self.plain && self.listen.is_some(), bridge: self.bridge };
        Announce { swarm: self.swarm, peer: self.local, progress, listen: self.listen.clone(), offers }
    }
}

/// The group whose swarm it is, and who we are in it.
#[derive(Debug)]
pub struct InGroup {
    /// Where its tracker is asked.
    pub session: Arc<Session>,
    pub presence: Presence,
}

/// What a swarm is driven with.
#[derive(Debug)]
pub struct SwarmConfig {
    /// The torrent.
    pub info: Arc<Info>,
    /// Pieces that are verified.
    pub have: PieceSet,
    /// Pieces that are to be had; `None`: all.
    pub wanted: Option<PieceSet>,
    /// Where they are.
    pub content: Store,
    /// Our id on the peer wire, for this torrent and run.
    pub local: PeerId,
    /// The group whose swarm it is.
    pub group: Option<InGroup>,
    /// Where other peers are found.
    pub outside: Option<Outside>,
    /// How pieces are chosen and how hard to work.
    pub tuning: Tuning,
    /// Which ordinary BitTorrent clients are served and fetched from.
    pub ordinary: OrdinaryClients,
    /// Try TCP before the relay.
    pub direct: bool,
    /// `None`: it is no bridge's.
    pub bridge: Option<BridgeEnd>,
    /// Servers that have everything.
    pub web_seeds: web_seed::Sources,
}

/// Which ordinary BitTorrent clients a swarm has to do with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OrdinaryClients {
    Nobody,
    /// Those that announce themselves at the group's tracker with a member's passkey, over plain BitTorrent.
    Announced,
    Anybody,
}

/// Which end of a bridge a swarm is, and who is told what the bridge has to know of it.
#[derive(Debug)]
pub enum BridgeEnd {
    /// It fetches, and serves nobody: who is connected.
    Upstream(watch::Sender<Vec<bridge::Seeder>>),
    /// It serves what the other end fetches: other bridges that reach every piece.
    Downstream(watch::Sender<Vec<PeerId>>),
}

/// How a swarm is, a few times a second.
#[derive(Debug, Clone, Default)]
pub struct SwarmState {
    /// For the person.
    pub progress: Progress,
    /// Bytes of blocks that came in this run.
    pub downloaded: u64,
    /// Bytes sent over TCP, protocol included.
    pub sent_direct: u64,
    /// Bytes sent over the relay, protocol included.
    pub sent_relay: u64,
    /// People who got something from us.
    pub people_served: usize,
    /// When something arrived last.
    pub last_arrival: Option<Instant>,
    /// Every piece that is wanted is verified and stored.
    pub is_complete: bool,
    /// Pieces before this one are here, or are not wanted.
    pub lacks_from: u32,
    /// The machine failed to keep or read a piece.
    pub storage_failure: Option<String>,
    /// Why nothing comes; `None`: something does, or everything is here.
    pub waiting: Option<Waiting>,
    /// Names of those who sent damaged data and are not asked again.
    pub sent_bad: Vec<String>,
    /// What trackers of the outside said last.
    pub trackers: Vec<TrackerStatus>,
}

/// What happened in a swarm.
#[derive(Debug, Clone)]
pub enum SwarmEvent {
    /// A peer came or went.
    Peer(PeerView, PeerChange),
    /// A piece came with a wrong hash.
    PieceFailed {
        /// Which.
        piece: u32,
        /// Ids and names of who sent parts of it.
        senders: Vec<(PeerId, String)>,
    },
    /// A peer is not used again.
    PeerBanned {
        /// Its id.
        peer: PeerId,
        /// Its person's name.
        name: String,
        /// The piece that proved it.
        piece: u32,
    },
    /// A web seed gives nothing, and why: a sentence for the person.
    WebSeed(String),
    /// Somebody ended a link. Who is sent bad data does that, so these pieces, which were read for others since the last
    /// such event, may be looked at; the newest last.
    LeftAfter(Vec<u32>),
}

/// Handle to a swarm's task; the task ends when it is dropped.
#[derive(Debug)]
pub struct Swarm {
    /// How it is.
    pub state: watch::Receiver<SwarmState>,
    /// What happens.
    pub events: mpsc::Receiver<SwarmEvent>,
    stop: CancellationToken,
    task: AbortOnDropHandle<()>,
}

impl Swarm {
    /// Joins the swarm. `places`: those of the program.
    ///
    /// # Errors
    /// [`SessionOver`].
    pub async fn start(config: SwarmConfig, listener: Option<&Listener>, places: &Places) -> Result<Self, SessionOver> {
        let (state_sender, state) = watch::channel(SwarmState::default());
        let (event_sender, events) = mpsc::channel(EVENTS_MAX);
        let stop = CancellationToken::new();
        let task = Task::new(config, listener, places, state_sender, event_sender).await?;
        let task = tokio::spawn(Box::pin(task.run(stop.clone())));
        Ok(Self { state, events, stop, task: AbortOnDropHandle::new(task) })
    }

    /// Leaves the swarm politely.
    pub async fn stop(self) -> SwarmState {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the swarm's task failed");
        }
        self.state.borrow().clone()
    }
}
