//! Somebody who is logged in.

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use ed25519_dalek::SigningKey;
use futures_util::SinkExt;
use tokio::net::TcpStream;
use tokio_tungstenite::client_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tracker_relay::random;
use wire_protocol::control;
use wire_protocol::control::{
    Announce, GroupChange, GroupSnapshot, InfoPart, MemberToTracker, NewInvite, Offers, PeerName, Progress, Refusal,
    RefusalCode, Reply, Request, ResumePoint, SwarmCount, SwarmName, SwarmPeer, TrackerToMember, encode_from_member,
};
use wire_protocol::ids::{FileId, GroupId, HistoryId, InviteId, MemberKey, PeerId, RequestId};

use super::{Client, Server, hello, log_in, login, next_message, open_control, sha1};

/// Somebody who is logged in.
pub struct Member {
    pub client: Client,
    pub key: MemberKey,
    /// Of the server's database.
    pub history: HistoryId,
    /// What the server calls them.
    pub display_name: String,
    signing: SigningKey,
    address: SocketAddr,
    /// Came while something else was awaited.
    inbox: VecDeque<TrackerToMember>,
    /// Looked at by those who want to know.
    tickets: VecDeque<(GroupId, Vec<u8>)>,
    /// The last sealed key that came for each group.
    keys: BTreeMap<GroupId, TrackerToMember>,
}

impl Member {
    pub async fn new(server: &Server) -> Self {
        Self::with_key(server, SigningKey::from_bytes(&random::bytes()), vec![]).await
    }

    pub async fn with_key(server: &Server, signing: SigningKey, resume: Vec<ResumePoint>) -> Self {
        Self::on(open_control(server.address).await, server, signing, resume).await
    }

    async fn on(mut client: Client, server: &Server, signing: SigningKey, resume: Vec<ResumePoint>) -> Self {
        let hello = hello(&mut client).await;
        let login = login(&hello, &signing, &server.origin(), resume);
        let key = login.member;
        let welcome = match log_in(&mut client, login).await {
            Some(TrackerToMember::Welcome(welcome)) => welcome,
            other => panic!("expected Welcome, got {other:?}"),
        };
        let (history, display_name) = (welcome.history, welcome.display_name);
        let (inbox, tickets, keys) = (VecDeque::new(), VecDeque::new(), BTreeMap::new());
        Self { client, key, history, display_name, signing, address: server.address, inbox, tickets, keys }
    }

    /// Has seen the group's events up to `seq`.
    pub fn seen(&self, group: GroupId, seq: u64) -> ResumePoint {
        ResumePoint { group, history: self.history, seq }
    }

    /// Drops the connection and comes back.
    pub async fn reconnect(self, server: &Server, resume: Vec<ResumePoint>) -> Self {
        let signing = self.signing.clone();
        drop(self.client);
        Self::with_key(server, signing, resume).await
    }

    /// Another device of the same person.
    pub async fn again(&self, server: &Server) -> Self {
        Self::with_key(server, self.signing.clone(), vec![]).await
    }

    /// Another device of the same person that comes from elsewhere, as a trusted proxy says.
    pub async fn again_elsewhere(&self, server: &Server, address: &str) -> Self {
        let mut request = format!("ws://{}/control", server.address).into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", address.parse().unwrap());
        request.headers_mut().insert("sec-websocket-protocol", control::SUBPROTOCOL.parse().unwrap());
        let tcp = TcpStream::connect(server.address).await.unwrap();
        let client = client_async(request, tcp).await.unwrap().0;
        Self::on(client, server, self.signing.clone(), vec![]).await
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub async fn send(&mut self, message: &MemberToTracker) {
        self.client.send(Message::binary(encode_from_member(message))).await.unwrap();
    }

    /// The next message of any kind.
    pub async fn next(&mut self) -> TrackerToMember {
        match self.inbox.pop_front() {
            Some(message) => message,
            None => self.receive().await,
        }
    }

    /// The next message that says anything: that all was said, and tickets, are looked at by those who want to know.
    async fn receive(&mut self) -> TrackerToMember {
        loop {
            match self.arrival().await {
                TrackerToMember::Synced => {}
                TrackerToMember::Ticket { group, ticket } => self.tickets.push_back((group, ticket)),
                message => return message,
            }
        }
    }

    /// The next message that is no sealed key sent again: whoever is told twice that theirs may have changed is sent it
    /// twice.
    async fn arrival(&mut self) -> TrackerToMember {
        loop {
            let message = next_message(&mut self.client).await.expect("the session goes on");
            let TrackerToMember::Key { group, .. } = message else { return message };
            if self.keys.insert(group, message.clone()).as_ref() != Some(&message) {
                return message;
            }
        }
    }

    /// The next ticket of a group.
    pub async fn ticket(&mut self, of: GroupId) -> Vec<u8> {
        loop {
            if let Some(at) = self.tickets.iter().position(|(group, _)| *group == of) {
                return self.tickets.remove(at).unwrap().1;
            }
            match self.arrival().await {
                TrackerToMember::Ticket { group, ticket } => self.tickets.push_back((group, ticket)),
                message => self.inbox.push_back(message),
            }
        }
    }

    /// Tickets that nobody has looked at.
    pub fn count_tickets(&self) -> usize {
        self.tickets.len()
    }

    /// The next message for which `pick` has an answer; what came before it stays in the inbox.
    pub async fn find<T>(&mut self, mut pick: impl FnMut(&TrackerToMember) -> Option<T>) -> T {
        if let Some(at) = self.inbox.iter().position(|message| pick(message).is_some()) {
            let message = self.inbox.remove(at).unwrap();
            return pick(&message).unwrap();
        }
        loop {
            let message = self.receive().await;
            match pick(&message) {
                Some(found) => return found,
                None => self.inbox.push_back(message),
            }
        }
    }

    pub async fn request(&mut self, request: Request) -> Result<Reply, Refusal> {
        self.request_as(RequestId(random::bytes()), request).await
    }

    pub async fn request_as(&mut self, id: RequestId, request: Request) -> Result<Reply, Refusal> {
        self.send(&MemberToTracker::Request { id, request }).await;
        self.reply(id).await
    }

    pub async fn reply(&mut self, wanted: RequestId) -> Result<Reply, Refusal> {
        self.find(|message| match message {
            TrackerToMember::Reply { id, outcome } if *id == wanted => Some(outcome.clone()),
            _ => None,
        })
        .await
    }

    pub async fn refused(&mut self, request: Request) -> RefusalCode {
        self.request(request).await.expect_err("a refusal").code
    }

    /// Asks something that is answered after everything sent so far has had its effect.
    pub async fn settle(&mut self) {
        let nowhere = Request::ReadInfo { group: GroupId([0; 16]), file: FileId([0; 16]), offset: 0 };
        assert!(self.request(nowhere).await.is_err());
    }

    /// The same once the rate limit has let go.
    pub async fn settle_after(&mut self, pause: Duration) {
        tokio::time::sleep(pause).await;
        self.settle().await;
    }

    pub async fn create_group(&mut self, auth: [u8; 32]) -> (GroupId, String) {
        let group = GroupId(random::bytes());
        let (name, invite) = ("Holiday".to_owned(), new_invite(auth));
        let request = Request::CreateGroup { group, name, key: None, invite };
        match self.request(request).await.unwrap() {
            Reply::GroupCreated { slug } => (group, slug),
            other => panic!("{other:?}"),
        }
    }

    pub async fn join(&mut self, slug: &str, auth: [u8; 32]) -> GroupSnapshot {
        let joined = self.request(join_group(slug, auth)).await.unwrap();
        let snapshot = self.snapshot().await;
        assert_eq!(joined, Reply::Joined { group: snapshot.group, key: None });
        snapshot
    }

    /// A change that is answered with `Done`.
    pub async fn change(&mut self, request: Request) {
        assert_eq!(self.request(request).await.unwrap(), Reply::Done);
    }

    /// Makes an invite; when it ends, Unix milliseconds.
    pub async fn create_invite(&mut self, group: GroupId, invite: NewInvite) -> u64 {
        match self.request(Request::CreateInvite { group, invite }).await.unwrap() {
            Reply::InviteCreated { expires_at_ms } => expires_at_ms,
            other => panic!("{other:?}"),
        }
    }

    /// The next event whose change `pick` has an answer for.
    pub async fn event<T>(&mut self, mut pick: impl FnMut(&GroupChange) -> Option<T>) -> T {
        self.find(|message| match message {
            TrackerToMember::Event(event) => pick(&event.change),
            _ => None,
        })
        .await
    }

    /// The next event that says this.
    pub async fn hears(&mut self, change: GroupChange) {
        self.event(|heard| (*heard == change).then_some(())).await;
    }

    /// The next key of a group: epoch, from, bytes.
    pub async fn key(&mut self) -> (u32, MemberKey, Vec<u8>) {
        self.find(|message| match message {
            TrackerToMember::Key { epoch, from, sealed, .. } => Some((*epoch, *from, sealed.0.clone())),
            _ => None,
        })
        .await
    }

    /// The next who lack the key.
    pub async fn keys_wanted(&mut self) -> Vec<MemberKey> {
        self.find(|message| match message {
            TrackerToMember::KeysWanted { members, .. } => Some(members.clone()),
            _ => None,
        })
        .await
    }

    pub async fn snapshot(&mut self) -> GroupSnapshot {
        self.find(|message| match message {
            TrackerToMember::Snapshot(snapshot) => Some(snapshot.clone()),
            _ => None,
        })
        .await
    }

    pub async fn add_file(&mut self, group: GroupId, name: &str) -> FileId {
        let file = FileId(random::bytes());
        let request = Request::AddFile { group, file, name: name.to_owned(), size: FILE_LEN };
        assert_eq!(self.request(request).await.unwrap(), Reply::Done);
        file
    }

    /// Publishes a torrent whose pieces are of 256 KiB.
    pub async fn publish(&mut self, group: GroupId, file: FileId, info: &[u8]) -> Result<Reply, Refusal> {
        for (i, part) in info.chunks(control::INFO_PART_LEN_MAX).enumerate() {
            let offset = (i * control::INFO_PART_LEN_MAX) as u32;
            self.send(&MemberToTracker::InfoPart(InfoPart { file, offset, bytes: part.to_vec() })).await;
        }
        let request =
            Request::PublishTorrent { group, file, info_hash: sha1(info), info_len: info.len() as u32, pieces: 2888 };
        self.request(request).await
    }

    pub async fn announce(&mut self, group: GroupId, file: FileId, peer: PeerId, have: u32) {
        let progress = Progress::Pieces { have, total: 100 };
        let swarm = SwarmName { group, file };
        let announce = Announce { swarm, peer, progress, listen: None, offers: Offers::default() };
        self.send(&MemberToTracker::Announce(announce)).await;
    }

    pub async fn watch(&mut self, group: GroupId, file: FileId) {
        self.send(&MemberToTracker::Watch(SwarmName { group, file })).await;
    }

    /// How others name a peer of this member.
    pub fn peer(&self, peer: PeerId) -> PeerName {
        PeerName { member: self.key, peer }
    }

    /// The next counts of a swarm: seeders, leechers, preparing.
    pub async fn counts(&mut self, wanted: FileId) -> (u32, u32, u32) {
        self.find(|message| match message {
            TrackerToMember::SwarmCounts(counts) => counts
                .counts
                .iter()
                .find(|count| count.file == wanted)
                .map(|&SwarmCount { seeders, leechers, preparing, .. }| (seeders, leechers, preparing)),
            _ => None,
        })
        .await
    }

    /// The next list of a swarm.
    pub async fn swarm(&mut self, wanted: FileId) -> (bool, Vec<SwarmPeer>) {
        self.find(|message| match message {
            TrackerToMember::SwarmPeers(news) if news.swarm.file == wanted => Some((news.all, news.peers.clone())),
            _ => None,
        })
        .await
    }

    /// The next peers that have left a swarm.
    pub async fn left(&mut self, wanted: FileId) -> Vec<PeerName> {
        self.find(|message| match message {
            TrackerToMember::SwarmPeers(news) if news.swarm.file == wanted && !news.left.is_empty() => {
                Some(news.left.clone())
            }
            _ => None,
        })
        .await
    }

    /// Nothing has come but what was looked at. Meaningful after [`Member::settle`].
    pub fn assert_nothing_else(&self) {
        assert!(self.inbox.is_empty(), "{:?}", self.inbox);
    }

    /// What came while something else was awaited.
    pub fn poll_inbox(&mut self) -> Option<TrackerToMember> {
        self.inbox.pop_front()
    }

    pub fn forget_inbox(&mut self) {
        self.inbox.clear();
    }
}

/// An invite that lets anybody in.
pub fn new_invite(auth: [u8; 32]) -> NewInvite {
    NewInvite::for_anybody(InviteId(random::bytes()), auth)
}

pub fn join_group(slug: &str, auth: [u8; 32]) -> Request {
    Request::JoinGroup { slug: slug.to_owned(), auth, message: "It is me".to_owned() }
}

/// What every file in these tests is long, bytes.
pub const FILE_LEN: u64 = 757_071_872;
