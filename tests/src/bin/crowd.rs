//! A full group, and what one more login in it costs: `crowd --server URL --members N --files N`.
//!
//! `cargo xtask bench --against` builds this program with each of the two commits, because it speaks the control
//! protocol of its own commit; a commit from before there was a crowd gets the first one, which spoke the
//! protocol of its time. The command line and the one JSON object on stdout are what the bench relies on.
//!
//! Every member but one is in the swarms of all files, complete. Then that one logs in, and everything is counted
//! that comes until the server has said all it has to say, and has answered a first request.

use std::time::Duration;

use anyhow::{Context, Result, bail};
use futures_util::{SinkExt, StreamExt};
use membership::Identity;
use serde_json::json;
use sha1::{Digest, Sha1};
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::{interval, timeout};
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{WebSocketStream, client_async};
use wire_protocol::control::{
    self, Announce, InfoPart, Listen, Login, MemberToTracker, NewInvite, Offers, Origin, Progress, Reply, Request,
    SwarmName, TrackerToMember, decode_from_tracker, encode_from_member,
};
use wire_protocol::ids::{FileId, GroupId, InfoHash, InviteId, PeerId, RequestId};
use wire_protocol::invite::auth_key;

/// For one answer of the server.
const ANSWER_MAX: Duration = Duration::from_secs(60);
/// Between two messages of one member: 40 a second, below what the server allows for long.
const MESSAGE_EVERY: Duration = Duration::from_millis(25);
const FILE_LEN: u64 = 16 * 1024;

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    let (group, crowd) = gather(&options).await?;
    let (gathered, files) = (crowd.len(), group.files.len());
    let mut connected = announce_all(crowd, &group).await?;
    let probe = Identity::from_seed(seed(options.members - 1));
    let login = log_in_and_count(&options, &probe).await;
    // Whoever the server has cut ends to read.
    while connected.try_join_next().is_some() {}
    let (count, error) = match login {
        Ok(count) => (count, None),
        Err(error) => (Count::default(), Some(format!("{error:#}"))),
    };
    let report = json!({
        "messages": count.messages,
        "bytes": count.bytes,
        "error": error,
        "entries": connected.len() * files,
        "thrown_out": gathered - connected.len(),
    });
    println!("{report}");
    Ok(())
}

struct Options {
    /// `127.0.0.1:8080`
    host: String,
    members: usize,
    files: usize,
}

impl Options {
    fn parse(mut typed: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { host: String::new(), members: 20, files: 100 };
        while let Some(flag) = typed.next() {
            let value = typed.next().with_context(|| format!("{flag} needs a value"))?;
            match flag.as_str() {
                "--server" => {
                    options.host = value.strip_prefix("http://").context("--server needs http://HOST:PORT")?.to_owned();
                }
                "--members" => options.members = value.parse().context("--members needs a number")?,
                "--files" => options.files = value.parse().context("--files needs a number")?,
                _ => bail!("crowd has no `{flag}`"),
            }
        }
        if options.members < 2 {
            bail!("a crowd has two members at least");
        }
        Ok(options)
    }
}

struct Group {
    id: GroupId,
    files: Vec<FileId>,
}

/// The group with its files, and everybody online except the one whose login is measured.
async fn gather(options: &Options) -> Result<(Group, Vec<Member>)> {
    let mut admin = Member::new(&options.host, &Identity::from_seed(seed(0))).await?;
    let group = GroupId([1; 16]);
    let auth = auth_key(&[5; 16]);
    let invite = NewInvite::for_anybody(InviteId([1; 16]), auth);
    let request = Request::CreateGroup { group, name: "Crowd".to_owned(), key: None, invite };
    let Reply::GroupCreated { slug } = admin.ask(request).await? else { bail!("no group was created") };
    let mut crowd = vec![admin];
    for number in 1..options.members {
        let mut member = Member::new(&options.host, &Identity::from_seed(seed(number))).await?;
        member.ask(Request::JoinGroup { slug: slug.clone(), auth, message: String::new() }).await?;
        crowd.push(member);
    }
    // It has joined, and comes back when everybody is in every swarm.
    crowd.pop();
    let mut files = Vec::new();
    for number in 0..options.files {
        files.push(crowd[0].add_file(group, number).await?);
    }
    Ok((Group { id: group, files }, crowd))
}

/// Everybody joins every swarm. Returns those who are still connected; they read until they are dropped.
async fn announce_all(crowd: Vec<Member>, group: &Group) -> Result<JoinSet<()>> {
    let mut announcing = JoinSet::new();
    for (number, member) in crowd.into_iter().enumerate() {
        announcing.spawn(member.announce(group.id, group.files.clone(), number));
    }
    let mut connected = JoinSet::new();
    while let Some(ended) = announcing.join_next().await {
        if let Some(member) = ended? {
            connected.spawn(member.read_for_ever());
        }
    }
    Ok(connected)
}

#[derive(Default)]
struct Count {
    messages: u64,
    bytes: u64,
}

async fn log_in_and_count(options: &Options, identity: &Identity) -> Result<Count> {
    let mut member = Member::new(&options.host, identity).await?;
    member.settle().await?;
    Ok(Count { messages: member.messages, bytes: member.bytes })
}

/// Somebody who is logged in.
struct Member {
    socket: WebSocketStream<TcpStream>,
    requests: u64,
    /// What came from the server, bytes of binary messages.
    bytes: u64,
    messages: u64,
}

impl Member {
    async fn new(host: &str, identity: &Identity) -> Result<Self> {
        let mut request = format!("ws://{host}/control").into_client_request()?;
        request.headers_mut().insert("sec-websocket-protocol", control::SUBPROTOCOL.parse()?);
        let stream = TcpStream::connect(host).await?;
        stream.set_nodelay(true)?;
        let (socket, _) = client_async(request, stream).await?;
        let mut member = Self { socket, requests: 0, bytes: 0, messages: 0 };
        let TrackerToMember::Hello(hello) = member.next().await? else { bail!("no Hello") };
        let origin: Origin = format!("http://{host}").parse()?;
        let identity = identity.for_origin(&origin);
        let login = Login {
            member: identity.key(),
            signature: identity.sign_login(&hello),
            origin: origin.to_string(),
            display_name: format!("Member {}", identity.key().short()),
            client: "native-peer 0.1.0".to_owned(),
            resume: Vec::new(),
        };
        member.send(&MemberToTracker::Login(login)).await?;
        match member.next().await? {
            TrackerToMember::Welcome(_) => {}
            other => bail!("expected Welcome, got {other:?}"),
        }
        while !matches!(member.next().await?, TrackerToMember::Synced) {}
        Ok(member)
    }

    async fn send(&mut self, message: &MemberToTracker) -> Result<()> {
        Ok(self.socket.send(Message::binary(encode_from_member(message))).await?)
    }

    /// The next message of the server, undecoded.
    async fn receive(&mut self) -> Result<bytes::Bytes> {
        loop {
            match timeout(ANSWER_MAX, self.socket.next()).await.context("the server is silent")? {
                Some(Ok(Message::Binary(message))) => {
                    self.messages += 1;
                    self.bytes += message.len() as u64;
                    return Ok(message);
                }
                Some(Ok(Message::Close(Some(frame)))) => bail!("closed: {} {}", frame.code, frame.reason),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error.into()),
                None => bail!("closed"),
            }
        }
    }

    async fn next(&mut self) -> Result<TrackerToMember> {
        let message = self.receive().await?;
        decode_from_tracker(&message).context("the server says something unforeseen")
    }

    async fn ask(&mut self, request: Request) -> Result<Reply> {
        self.requests += 1;
        let mut id = [0; 16];
        id[..8].copy_from_slice(&self.requests.to_le_bytes());
        let id = RequestId(id);
        self.send(&MemberToTracker::Request { id, request }).await?;
        loop {
            if let TrackerToMember::Reply { id: of, outcome } = self.next().await?
                && of == id
            {
                return Ok(outcome?);
            }
        }
    }

    /// Returns when everything that was sent has had its effect, and all that was under way has come.
    async fn settle(&mut self) -> Result<()> {
        let nowhere = Request::ReadInfo { group: GroupId([0; 16]), file: FileId([0; 16]), offset: 0 };
        match self.ask(nowhere).await {
            // Refused, as it must be.
            Err(error) if error.downcast_ref::<control::Refusal>().is_some() => Ok(()),
            Err(error) => Err(error),
            Ok(reply) => bail!("a file of no group has {reply:?}"),
        }
    }

    async fn add_file(&mut self, group: GroupId, number: usize) -> Result<FileId> {
        let file = FileId(number_in_16_bytes(number));
        let name = format!("holiday-{number:04}.mp4");
        let info = info_dictionary(&name, number);
        self.ask(Request::AddFile { group, file, name, size: FILE_LEN }).await?;
        self.send(&MemberToTracker::InfoPart(InfoPart { file, offset: 0, bytes: info.clone() })).await?;
        let info_hash = InfoHash(Sha1::digest(&info).into());
        let info_len = info.len() as u32;
        self.ask(Request::PublishTorrent { group, file, info_hash, info_len, pieces: 1 }).await?;
        // The server allows a member 50 messages a second.
        tokio::time::sleep(MESSAGE_EVERY * 3).await;
        Ok(file)
    }

    /// Joins every swarm; `None` if the server has cut the connection by then.
    async fn announce(mut self, group: GroupId, files: Vec<FileId>, number: usize) -> Option<Self> {
        let mut pace = interval(MESSAGE_EVERY);
        let mut waiting = files.iter();
        while waiting.len() > 0 {
            tokio::select! {
                _ = pace.tick() => {
                    let file = *waiting.next().expect("some wait");
                    let mut peer = number_in_20_bytes(number);
                    peer[..8].copy_from_slice(b"-CV0100-");
                    let progress = Progress::Pieces { have: 1, total: 1 };
                    let listen = Some(Listen { port: 6881, local: Vec::new() });
                    let swarm = SwarmName { group, file };
                    let announce = Announce { swarm, peer: PeerId(peer), progress, listen, offers: Offers::default() };
                    self.send(&MemberToTracker::Announce(announce)).await.ok()?;
                }
                received = self.receive() => { received.ok()?; }
            }
        }
        self.settle().await.ok()?;
        Some(self)
    }

    async fn read_for_ever(mut self) {
        while self.socket.next().await.is_some_and(|message: Result<_, tungstenite::Error>| message.is_ok()) {}
    }
}

fn info_dictionary(name: &str, number: usize) -> Vec<u8> {
    let head = format!("d6:lengthi{FILE_LEN}e4:name{}:{name}12:piece lengthi{FILE_LEN}e6:pieces20:", name.len());
    [head.as_bytes(), &number_in_20_bytes(number), b"7:privatei1ee"].concat()
}

/// The secret key of a member.
fn seed(number: usize) -> [u8; 32] {
    let mut seed = [7; 32];
    seed[..16].copy_from_slice(&number_in_16_bytes(number));
    seed
}

fn number_in_16_bytes(number: usize) -> [u8; 16] {
    (number as u128 + 1).to_be_bytes()
}

/// The number stands last: a peer id's first eight bytes name the program.
fn number_in_20_bytes(number: usize) -> [u8; 20] {
    let mut bytes = [0; 20];
    bytes[4..].copy_from_slice(&number_in_16_bytes(number));
    bytes
}
