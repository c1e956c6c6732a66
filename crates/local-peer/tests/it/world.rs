//! Local peers in one memory: a tracker, a relay and a network without latency, in virtual time.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use local_peer::{
    Candidate, CloseReason, Config, Event, Identity, Input, LinkFailure, LocalPeer, Output, Path, PeerId, Progress,
    Refused, Room, Snapshot, Source, Timestamp,
};
use metainfo::{Info, InfoBuilder};
use peer_engine::{Job, LinkKey, PieceIndex, PieceSet, StorageError, StorageErrorKind};
use sha1::{Digest, Sha1};

pub const PIECES: u32 = 8;
pub const PIECE_LEN: u32 = 32 << 10;
pub const SECOND: Duration = Duration::from_secs(1);
pub const TAB: Room = Room { connecting: 6, links: 24 };

pub type NodeKey = usize;

/// A file of which every piece is different.
pub fn info() -> Arc<Info> {
    let len = u64::from(PIECES) * u64::from(PIECE_LEN);
    let mut builder = InfoBuilder::new("world.bin", len, Some(PIECE_LEN)).unwrap();
    for nth in 0..PIECES {
        builder.set_digest(nth, Sha1::digest(piece(nth)).into());
    }
    Arc::new(builder.finish().unwrap())
}

fn piece(nth: u32) -> Bytes {
    Bytes::from(vec![nth as u8 + 1; PIECE_LEN as usize])
}

/// What a node has at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Has {
    All,
    Nothing,
    /// It does not know the torrent yet.
    NoTorrent,
}

/// A peer with its program around it.
pub struct Node {
    pub peer: LocalPeer,
    pub id: PeerId,
    pub identity: Identity,
    pub limit: Room,
    /// Somebody answers at its address.
    pub is_reachable: bool,
    /// It sends rubbish for every block.
    pub lies: bool,
    /// Its disk answers with errors.
    pub disk_is_broken: bool,
    /// Its disk does not answer.
    pub disk_is_silent: bool,
    pub progress: Progress,
    pub announced: Vec<Progress>,
    pub dialed: Vec<(Path, Option<PeerId>)>,
    pub closed: Vec<(LinkKey, CloseReason)>,
    pub events: Vec<Event>,
    pub refused: Vec<Refused>,
    /// Sockets that were opened.
    pub sockets: usize,
    /// The other ends of its open links.
    wires: BTreeMap<LinkKey, (NodeKey, LinkKey)>,
    /// Most of the room that it used at a time.
    pub most: Room,
}

/// All of them.
pub struct World {
    pub now: Timestamp,
    pub nodes: Vec<Node>,
    info: Arc<Info>,
    /// The relay's links: both ends, and which have opened their socket.
    pairings: Vec<[(NodeKey, LinkKey, bool); 2]>,
    /// The tracker answers dials, and the relay pairs.
    pub relay_answers: bool,
    /// Every node's list; `None`: everybody who announced.
    pub lists: BTreeMap<NodeKey, Vec<NodeKey>>,
}

impl World {
    pub fn new() -> Self {
        Self {
            now: Timestamp(1_000_000),
            nodes: Vec::new(),
            info: info(),
            pairings: Vec::new(),
            relay_answers: true,
            lists: BTreeMap::new(),
        }
    }

    /// A native peer.
    pub fn add(&mut self, has: Has) -> NodeKey {
        let limit = Room { connecting: 16, links: 128 };
        self.add_with(has, Config { limit, direct: true }, true)
    }

    /// A tab: the relay only.
    pub fn add_tab(&mut self, has: Has) -> NodeKey {
        self.add_with(has, Config { limit: TAB, direct: false }, false)
    }

    pub fn add_with(&mut self, has: Has, config: Config, is_reachable: bool) -> NodeKey {
        let key = self.nodes.len();
        let id = PeerId([key as u8 + 1; 20]);
        let peer = LocalPeer::new(config, id, key as u64, self.now);
        self.nodes.push(Node {
            peer,
            id,
            identity: Identity([key as u8 + 1; 32]),
            limit: config.limit,
            is_reachable,
            lies: false,
            disk_is_broken: false,
            disk_is_silent: false,
            progress: Progress::Unknown,
            announced: Vec::new(),
            dialed: Vec::new(),
            closed: Vec::new(),
            events: Vec::new(),
            refused: Vec::new(),
            sockets: 0,
            wires: BTreeMap::new(),
            most: Room::default(),
        });
        match has {
            Has::All => self.begin(key, PieceSet::all(PIECES)),
            Has::Nothing => self.begin(key, PieceSet::none(PIECES)),
            Has::NoTorrent => {}
        }
        key
    }

    pub fn begin(&mut self, key: NodeKey, have: PieceSet) {
        let config = peer_engine::Config::new("world");
        self.nodes[key].peer.begin(config, self.info.clone(), have, self.now);
    }

    /// As the tracker lists it.
    pub fn candidate(&self, key: NodeKey) -> Candidate {
        let node = &self.nodes[key];
        Candidate {
            peer: Some(node.id),
            identity: Some(node.identity),
            name: format!("member {key}"),
            client: "world".to_owned(),
            progress: node.progress,
            addresses: if node.is_reachable { vec![address(key)] } else { Vec::new() },
            caller: None,
            relay: true,
        }
    }

    /// Gives everybody the list of all that announced themselves, and goes on until nothing happens.
    pub fn list(&mut self) {
        self.settle();
        for key in 0..self.nodes.len() {
            let everybody = (0..self.nodes.len()).filter(|other| !self.nodes[*other].announced.is_empty()).collect();
            let known = self.lists.get(&key).cloned().unwrap_or(everybody);
            let candidates = known.iter().map(|other| self.candidate(*other)).collect();
            self.hear(key, Input::Listed { source: Source::Group, candidates });
        }
        self.settle();
    }

    /// One node's list is this.
    pub fn list_to(&mut self, key: NodeKey, candidates: Vec<Candidate>) {
        self.hear(key, Input::Listed { source: Source::Group, candidates: candidates.into() });
        self.settle();
    }

    pub fn hear(&mut self, key: NodeKey, input: Input) {
        let node = &mut self.nodes[key];
        node.peer.handle(input, self.now);
        node.peer.check();
    }

    /// What of its room a node has left.
    pub fn room(&self, key: NodeKey) -> Room {
        self.nodes[key].limit.left([self.nodes[key].peer.occupies()])
    }

    /// Does all that is asked for until nobody asks for anything.
    pub fn settle(&mut self) {
        loop {
            let before: usize = self.nodes.iter().map(|node| node.events.len() + node.closed.len()).sum();
            let mut is_idle = true;
            for key in 0..self.nodes.len() {
                is_idle &= !self.drain(key);
            }
            is_idle &= !self.pair();
            let after: usize = self.nodes.iter().map(|node| node.events.len() + node.closed.len()).sum();
            if is_idle && before == after {
                return;
            }
        }
    }

    fn drain(&mut self, key: NodeKey) -> bool {
        let mut room = self.room(key);
        let mut did_something = false;
        while let Some(output) = self.nodes[key].peer.poll_output(&mut room, self.now) {
            did_something = true;
            self.perform(key, output);
            let used = self.nodes[key].peer.occupies();
            let node = &mut self.nodes[key];
            node.most.connecting = node.most.connecting.max(used.connecting);
            node.most.links = node.most.links.max(used.links);
        }
        did_something
    }

    fn perform(&mut self, key: NodeKey, output: Output) {
        match output {
            Output::Dial { link, to, path } => {
                self.nodes[key].dialed.push((path, to.peer));
                self.dial(key, link, &to, path);
            }
            Output::Pair { link } => {
                self.nodes[key].sockets += 1;
                for end in self.pairings.iter_mut().flatten().filter(|end| (end.0, end.1) == (key, link)) {
                    end.2 = true;
                }
            }
            Output::Transmit(link) => self.transmit(key, link),
            Output::Storage(_) if self.nodes[key].disk_is_silent => {}
            Output::Storage(job) => self.store(key, job),
            Output::Close { link, why } => {
                self.transmit(key, link);
                self.nodes[key].closed.push((link, why));
                self.cut(key, link);
                self.hear(key, Input::Closed { link });
            }
            Output::Announce(progress) => {
                self.nodes[key].progress = progress;
                self.nodes[key].announced.push(progress);
            }
            Output::Event(event) => self.nodes[key].events.push(event),
        }
    }

    fn dial(&mut self, key: NodeKey, link: LinkKey, to: &Candidate, path: Path) {
        let target = match path {
            Path::Relay => self.nodes.iter().position(|node| Some(node.id) == to.peer),
            Path::Direct => (0..self.nodes.len()).find(|node| to.addresses.contains(&address(*node))),
        };
        match (path, target) {
            (Path::Direct, Some(other)) if self.nodes[other].is_reachable => {
                self.nodes[key].sockets += 1;
                let Some(theirs) = self.accept(other, key, path) else {
                    return self.hear(key, Input::Failed { link, why: LinkFailure::Unreachable });
                };
                self.hear(key, Input::Connected { link });
                self.open([(key, link), (other, theirs)]);
            }
            // Nothing answers, not even with a refusal.
            (Path::Direct, _) => {}
            (Path::Relay, Some(other)) if self.relay_answers => {
                self.hear(key, Input::Granted { link });
                let theirs = self.accept(other, key, path);
                let never = (other, LinkKey(u64::MAX), false);
                self.pairings.push([(key, link, false), theirs.map_or(never, |theirs| (other, theirs, false))]);
            }
            (Path::Relay, Some(_)) => {}
            (Path::Relay, None) => self.hear(key, Input::Failed { link, why: LinkFailure::Gone }),
        }
    }

    /// Another node wants a link.
    pub fn accept(&mut self, key: NodeKey, from: NodeKey, path: Path) -> Option<LinkKey> {
        let (candidate, mut room) = (self.candidate(from), self.room(key));
        let accepted = self.nodes[key].peer.accept(candidate, path, &mut room, self.now);
        accepted.map_err(|refused| self.nodes[key].refused.push(refused)).ok()
    }

    /// The relay connects those whose both sides are there.
    fn pair(&mut self) -> bool {
        let (ready, rest) =
            std::mem::take(&mut self.pairings).into_iter().partition(|ends| ends.iter().all(|end| end.2));
        self.pairings = rest;
        let ready: Vec<[(NodeKey, LinkKey, bool); 2]> = ready;
        for ends in &ready {
            for (key, link, _) in ends {
                self.hear(*key, Input::Paired { link: *link });
            }
            self.open(ends.map(|(key, link, _)| (key, link)));
        }
        !ready.is_empty()
    }

    /// Both sides proved who they are.
    fn open(&mut self, ends: [(NodeKey, LinkKey); 2]) {
        let [(a, link_a), (b, link_b)] = ends;
        self.nodes[a].wires.insert(link_a, (b, link_b));
        self.nodes[b].wires.insert(link_b, (a, link_a));
        for (key, link) in ends {
            self.hear(key, Input::Secured { link, who: None });
        }
    }

    fn transmit(&mut self, key: NodeKey, link: LinkKey) {
        let mut out = Vec::new();
        while self.nodes[key].peer.transmit(link, 64 << 10, &mut out, self.now) > 0 {}
        let Some((other, theirs)) = self.nodes[key].wires.get(&link).copied() else {
            return;
        };
        for bytes in out {
            self.hear(other, Input::Received { link: theirs, bytes });
        }
    }

    /// A link is gone at the other side.
    pub fn cut(&mut self, key: NodeKey, link: LinkKey) {
        if let Some((other, theirs)) = self.nodes[key].wires.remove(&link) {
            self.nodes[other].wires.remove(&theirs);
            self.hear(other, Input::Closed { link: theirs });
        }
    }

    /// The network drops every link of a node.
    pub fn drop_links(&mut self, key: NodeKey) {
        for link in self.nodes[key].wires.keys().copied().collect::<Vec<_>>() {
            self.cut(key, link);
            self.hear(key, Input::Closed { link });
        }
    }

    fn store(&mut self, key: NodeKey, job: Job) {
        let (lies, is_broken) = (self.nodes[key].lies, self.nodes[key].disk_is_broken);
        let broken = || broken_disk();
        let input = match job {
            Job::Load { job, piece: nth, begin, len, .. } => {
                let data = if lies { Bytes::from(vec![0; len as usize]) } else { piece_part(nth, begin, len) };
                Input::Loaded { job, result: if is_broken { Err(broken()) } else { Ok(data) } }
            }
            Job::Hash { job, data, .. } => {
                let mut whole = BytesMut::new();
                data.iter().for_each(|block| whole.extend_from_slice(block));
                Input::Hashed { job, digest: Ok(Sha1::digest(&whole).into()) }
            }
            Job::Store { job, .. } => Input::Stored { job, result: if is_broken { Err(broken()) } else { Ok(()) } },
        };
        self.hear(key, input);
    }

    /// Time passes, step by step.
    pub fn pass(&mut self, time: Duration) {
        let end = self.now + time;
        self.settle();
        loop {
            let next = self.nodes.iter().filter_map(|node| node.peer.poll_timeout(self.now)).min();
            let Some(at) = next.filter(|at| *at <= end) else {
                self.now = end;
                return;
            };
            self.now = self.now.max(at);
            (0..self.nodes.len()).for_each(|key| self.hear(key, Input::Tick));
            self.settle();
        }
    }

    pub fn snapshot(&self, key: NodeKey) -> Snapshot {
        self.nodes[key].peer.snapshot(self.now)
    }

    pub fn is_complete(&self, key: NodeKey) -> bool {
        self.nodes[key].peer.is_complete()
    }

    /// Whom a node has links with.
    pub fn linked(&self, key: NodeKey) -> BTreeSet<NodeKey> {
        self.nodes[key].wires.values().map(|(other, _)| *other).collect()
    }

    /// A node's open links.
    pub fn wires(&self, key: NodeKey) -> Vec<LinkKey> {
        self.nodes[key].wires.keys().copied().collect()
    }
}

fn broken_disk() -> StorageError {
    StorageError::new(StorageErrorKind::Other, "the disk is broken")
}

fn piece_part(PieceIndex(nth): PieceIndex, begin: u32, len: u32) -> Bytes {
    piece(nth).slice(begin as usize..(begin + len) as usize)
}

pub fn address(key: NodeKey) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, key as u8], 6881))
}
