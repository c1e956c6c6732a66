//! A server process, and members who talk to it.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream as StdTcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use ed25519_dalek::{Signer, SigningKey};
use futures_util::{SinkExt, StreamExt};
use tempfile::TempDir;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use tracker_relay::random;
use wire_protocol::control::{
    Announce, GroupSnapshot, Hello, InfoPart, Login, MemberToTracker, Offers, PeerName, Progress, Refusal, RefusalCode,
    Reply, Request, ResumePoint, SwarmCount, SwarmName, SwarmPeer, TrackerToMember, decode_from_tracker,
    encode_from_member, login_digest,
};
use wire_protocol::ids::{FileId, GroupId, HistoryId, InfoHash, MemberKey, PeerId, RequestId};
use wire_protocol::{control, link};

/// Whatever is awaited comes within this, or the test fails. Generous: the machine may be busy.
pub const PATIENCE: Duration = Duration::from_secs(30);

pub type Client = WebSocketStream<TcpStream>;

/// The program, running.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    folder: PathBuf,
    flags: Vec<String>,
    _temporary: TempDir,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(flags: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let folder = temporary.path().join("data");
        let flags: Vec<String> = flags.iter().map(|flag| flag.to_string()).collect();
        let (child, address) = spawn(&folder, &flags);
        Self { child, address, folder, flags, _temporary: temporary }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no goodbye, nothing flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same data, another process (and port).
    pub fn start_again(&mut self) {
        let (child, address) = spawn(&self.folder, &self.flags);
        self.child = child;
        self.address = address;
    }

    /// What clients dial.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    pub fn terminate(&self) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    }

    pub async fn exit(&mut self) -> ExitStatus {
        timeout(PATIENCE, async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the server ends")
    }

    /// Status line, headers and body of a GET.
    pub fn get(&self, path: &str) -> (String, String) {
        let mut tcp = StdTcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(tcp, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        tcp.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// One line of /metrics.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, body) = self.get("/metrics");
        let line = body.lines().find(|line| line.rsplit_once(' ').is_some_and(|(key, _)| key == name));
        line.unwrap_or_else(|| panic!("no metric {name}")).rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    /// Waits until a metric has a value.
    pub async fn metric_becomes(&self, name: &str, value: f64) {
        let reached = async {
            while self.metric(name) != value {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{name} is {}, not {value}", self.metric(name)));
    }

    /// Resident memory, bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn spawn(folder: &std::path::Path, flags: &[String]) -> (Child, SocketAddr) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_tracker-relay"))
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("said {line:?}"));
    (child, address.parse().unwrap())
}

/// Opens a WebSocket, with what an attacker could change open to be changed.
pub async fn open(
    address: SocketAddr,
    path: &str,
    subprotocol: Option<&str>,
    origin: Option<&str>,
) -> Result<Client, tungstenite::Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    let headers = request.headers_mut();
    if let Some(subprotocol) = subprotocol {
        headers.insert("sec-websocket-protocol", subprotocol.parse().unwrap());
    }
    if let Some(origin) = origin {
        headers.insert("origin", origin.parse().unwrap());
    }
    let tcp = TcpStream::connect(address).await?;
    tcp.set_nodelay(true)?;
    client_async(request, tcp).await.map(|(client, _)| client)
}

pub async fn open_control(address: SocketAddr) -> Client {
    open(address, "/control", Some(control::SUBPROTOCOL), None).await.unwrap()
}

/// A control connection that says it is for `host`.
pub async fn open_control_as(address: SocketAddr, host: &str) -> Client {
    let mut request = format!("ws://{address}/control").into_client_request().unwrap();
    request.headers_mut().insert("host", host.parse().unwrap());
    request.headers_mut().insert("sec-websocket-protocol", control::SUBPROTOCOL.parse().unwrap());
    let tcp = TcpStream::connect(address).await.unwrap();
    client_async(request, tcp).await.unwrap().0
}

/// A link socket that has sent its token.
pub async fn open_link(address: SocketAddr, token: Vec<u8>) -> Client {
    let mut client = open(address, "/link", Some(link::SUBPROTOCOL), None).await.unwrap();
    client.send(Message::binary(token)).await.unwrap();
    client
}

/// The next binary message; `None` when the other side closed.
pub async fn next_binary(client: &mut Client) -> Option<bytes::Bytes> {
    loop {
        match timeout(PATIENCE, client.next()).await.expect("something comes") {
            Some(Ok(Message::Binary(bytes))) => return Some(bytes),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => {}
            Some(Ok(Message::Close(_)) | Err(_)) | None => return None,
            Some(Ok(other)) => panic!("unexpected {other:?}"),
        }
    }
}

pub async fn next_message(client: &mut Client) -> Option<TrackerToMember> {
    next_binary(client).await.map(|bytes| decode_from_tracker(&bytes).unwrap())
}

pub async fn hello(client: &mut Client) -> Hello {
    match next_message(client).await {
        Some(TrackerToMember::Hello(hello)) => hello,
        other => panic!("expected Hello, got {other:?}"),
    }
}

/// A correct login of a client that dialed `origin`.
pub fn login(hello: &Hello, key: &SigningKey, origin: &str, resume: Vec<ResumePoint>) -> Login {
    let member = MemberKey(key.verifying_key().to_bytes());
    let digest = login_digest(hello, origin, &member);
    Login {
        member,
        signature: key.sign(&digest).to_bytes().into(),
        origin: origin.to_owned(),
        display_name: format!("Member {}", member.short()),
        client: "test 1.0".to_owned(),
        resume,
    }
}

/// Sends a login and hands back what comes of it.
pub async fn log_in(client: &mut Client, login: Login) -> Option<TrackerToMember> {
    let message = encode_from_member(&MemberToTracker::Login(login));
    client.send(Message::binary(message)).await.unwrap();
    next_message(client).await
}

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
        Self { client, key, history, display_name, signing, address: server.address, inbox: VecDeque::new() }
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
    pub async fn from_elsewhere(&self, server: &Server, address: &str) -> Self {
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

    /// The next message that says anything: that all was said is looked at by those who want to know.
    async fn receive(&mut self) -> TrackerToMember {
        loop {
            match next_message(&mut self.client).await.expect("the session goes on") {
                TrackerToMember::Synced => {}
                message => return message,
            }
        }
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
        let request = Request::CreateGroup { group, name: "Holiday".to_owned(), invite_auth: auth };
        match self.request(request).await.unwrap() {
            Reply::GroupCreated { slug } => (group, slug),
            other => panic!("{other:?}"),
        }
    }

    pub async fn join(&mut self, slug: &str, auth: [u8; 32]) -> GroupSnapshot {
        let joined = self.request(Request::JoinGroup { slug: slug.to_owned(), auth }).await.unwrap();
        let snapshot = self.snapshot().await;
        assert_eq!(joined, Reply::Joined { group: snapshot.group });
        snapshot
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

/// What every file in these tests is long, bytes.
pub const FILE_LEN: u64 = 757_071_872;

pub fn sha1(bytes: &[u8]) -> InfoHash {
    use sha1::Digest;
    InfoHash(sha1::Sha1::digest(bytes).into())
}

pub fn peer_id() -> PeerId {
    PeerId::covey(random::bytes())
}
