//! A tracker that says what the test tells it to, in real bytes, and a clock that the test moves.

use ed25519_dalek::{SigningKey, VerifyingKey};
use membership::{Conversation, ConversationConfig, ConversationEvent, Identity};
use wire_protocol::control::{
    Announce, FileCard, GroupChange, GroupEvent, GroupSnapshot, Hello, Login, Member, MemberToTracker, NewInvite,
    Offers, Origin, PeerName, Progress, Request, Role, Source, SwarmName, SwarmPeer, SwarmPeers, Torrent,
    TrackerToMember, Welcome, decode_from_member, encode_from_tracker, login_digest,
};
use wire_protocol::ids::{FileId, GroupId, HistoryId, InfoHash, InviteId, MemberKey, PeerId, RequestId};

pub const ORIGIN: &str = "https://share.example:8080";
pub const HISTORY: HistoryId = HistoryId([0x44; 16]);
pub const GROUP: GroupId = GroupId([1; 16]);
pub const FILE: FileId = FileId([2; 16]);
pub const SWARM: SwarmName = SwarmName { group: GROUP, file: FILE };

/// A conversation and the far end of its connection.
pub struct Talk {
    pub member: Conversation,
    pub now: u64,
}

impl Talk {
    pub fn new() -> Self {
        Self::with_seed(1)
    }

    pub fn with_seed(rng_seed: u64) -> Self {
        Self::of(identity(), rng_seed)
    }

    /// Somebody else's.
    pub fn of(identity: Identity, rng_seed: u64) -> Self {
        let config = ConversationConfig {
            identity,
            display_name: "Lively Otter".to_owned(),
            client: "native-peer 0.1.0".to_owned(),
            origin: origin(),
            rng_seed,
            secret_seed: [rng_seed as u8; 32],
        };
        Self { member: Conversation::new(config, 1_000), now: 1_000 }
    }

    /// Connected, logged in, and told that there is no group.
    pub fn online() -> Self {
        let mut talk = Self::new();
        talk.connect();
        talk
    }

    /// Waits until the member wants to connect, logs it in, and has nothing to tell. What the program is told
    /// is dropped.
    pub fn connect(&mut self) -> Login {
        let login = self.connect_to(HISTORY);
        self.tell(TrackerToMember::Synced);
        self.events();
        login
    }

    /// Waits until the member wants to connect, and logs it in to a tracker with this history. What the program
    /// is told is dropped.
    pub fn connect_to(&mut self, history: HistoryId) -> Login {
        self.wait_until_it_connects();
        let login = self.log_in();
        self.tell(welcome(history, "Lively Otter"));
        self.events();
        login
    }

    pub fn wait_until_it_connects(&mut self) {
        while !self.member.should_connect(self.now) {
            self.now = self.member.poll_timeout().expect("it waits for the next attempt");
        }
        assert!(!self.member.should_connect(self.now), "one attempt at a time");
    }

    /// Up to the login, whose signature is checked as the tracker does.
    pub fn log_in(&mut self) -> Login {
        self.member.handle_connected(self.now);
        assert_eq!(self.sent(), [], "the tracker speaks first");
        let hello = Hello { server_key: tracker_key(), key_id: 1, nonce: [9; 32], time_ms: 1 };
        self.tell(TrackerToMember::Hello(hello.clone()));
        let [MemberToTracker::Login(login)] = &self.sent()[..] else {
            panic!("the answer to Hello is Login");
        };
        let key = VerifyingKey::from_bytes(&login.member.0).expect("a public key");
        let signature: [u8; 64] = login.signature.into();
        key.verify_strict(&login_digest(&hello, ORIGIN, &login.member), &signature.into()).expect("signed by it");
        login.clone()
    }

    pub fn tell(&mut self, message: TrackerToMember) {
        self.member.handle_message(&encode_from_tracker(&message), self.now);
    }

    /// Cuts the connection, at whatever point.
    pub fn cut(&mut self) {
        self.member.handle_disconnected(self.now);
    }

    pub fn sent(&mut self) -> Vec<MemberToTracker> {
        std::iter::from_fn(|| self.member.poll_message())
            .map(|bytes| decode_from_member(&bytes).expect("what a tracker can read"))
            .collect()
    }

    pub fn sent_requests(&mut self) -> Vec<(RequestId, Request)> {
        let requests = self.sent().into_iter().filter_map(|message| match message {
            MemberToTracker::Request { id, request } => Some((id, request)),
            _ => None,
        });
        requests.collect()
    }

    pub fn events(&mut self) -> Vec<ConversationEvent> {
        std::iter::from_fn(|| self.member.poll_event()).collect()
    }

    /// Moves the clock, while the tracker is heard now and then.
    pub fn pass(&mut self, ms: u64) {
        let until = self.now + ms;
        while self.now < until && self.member.is_online() {
            self.pass_in_silence((until - self.now).min(10_000));
            if self.member.is_online() {
                self.tell(TrackerToMember::Pong);
            }
        }
        self.pass_in_silence(until - self.now);
    }

    /// Moves the clock and lets the member notice, as a driver does: at each timeout on the way.
    pub fn pass_in_silence(&mut self, ms: u64) {
        let until = self.now + ms;
        while let Some(at) = self.member.poll_timeout().filter(|at| *at <= until) {
            self.now = self.now.max(at);
            self.member.handle_timeout(self.now);
            if self.member.poll_timeout() == Some(at) {
                break;
            }
        }
        self.now = until;
        self.member.handle_timeout(self.now);
    }
}

pub fn tracker_key() -> [u8; 32] {
    SigningKey::from_bytes(&[8; 32]).verifying_key().to_bytes()
}

pub fn identity() -> Identity {
    Identity::from_seed([7; 32])
}

pub fn origin() -> Origin {
    ORIGIN.parse().expect("an origin")
}

pub fn me() -> MemberKey {
    identity().for_origin(&origin()).key()
}

pub fn welcome(history: HistoryId, display_name: &str) -> TrackerToMember {
    let (server, display_name) = ("tracker-relay 0.1.0".to_owned(), display_name.to_owned());
    TrackerToMember::Welcome(Welcome { server, history, display_name })
}

pub fn person(name: &str, key: MemberKey) -> Member {
    Member { key, display_name: name.to_owned(), role: Role::Member }
}

pub fn create_group() -> Request {
    let invite = NewInvite::for_anybody(InviteId([1; 16]), [1; 32]);
    Request::CreateGroup { group: GROUP, name: "Holiday".to_owned(), key: None, invite }
}

pub fn card(file: FileId, name: &str) -> FileCard {
    let torrent = Some(Torrent { info_hash: InfoHash([3; 20]), info_len: 100, pieces: 4 });
    FileCard { file, name: name.to_owned(), size: 1 << 20, added_by: me(), added_at_ms: 5, torrent }
}

pub fn snapshot(seq: u64) -> TrackerToMember {
    TrackerToMember::Snapshot(GroupSnapshot {
        group: GROUP,
        slug: "lively-otter".to_owned(),
        name: "Holiday".to_owned(),
        seq,
        epoch: 0,
        created_at_ms: 3,
        members: vec![person("Lively Otter", me()), person("Calm Fox", MemberKey([4; 32]))],
        files: vec![card(FILE, "movie.mp4")],
    })
}

pub fn event(seq: u64, change: GroupChange) -> TrackerToMember {
    TrackerToMember::Event(GroupEvent { group: GROUP, seq, at_ms: 7, actor: MemberKey([4; 32]), change })
}

/// A member's peer; both have this number.
pub fn peer(number: u8, have: u32) -> SwarmPeer {
    SwarmPeer {
        name: name(number),
        client: "Firefox".to_owned(),
        progress: Progress::Pieces { have, total: 4 },
        tcp: vec![],
        offers: Offers::default(),
        source: Source::Session,
    }
}

pub fn name(number: u8) -> PeerName {
    PeerName { member: MemberKey([number; 32]), peer: PeerId::covey([number; 12]) }
}

pub fn swarm(all: bool, peers: Vec<SwarmPeer>) -> TrackerToMember {
    TrackerToMember::SwarmPeers(SwarmPeers { swarm: SWARM, all, peers, left: vec![] })
}

pub fn left(peers: Vec<PeerName>) -> TrackerToMember {
    TrackerToMember::SwarmPeers(SwarmPeers { swarm: SWARM, all: false, peers: vec![], left: peers })
}

pub fn announce(have: u32) -> Announce {
    let progress = Progress::Pieces { have, total: 4 };
    Announce { swarm: SWARM, peer: PeerId::covey([5; 12]), progress, listen: None, offers: Offers::default() }
}
