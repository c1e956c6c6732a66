//! A server of our own making: what it says is false, or what no true server says when a test wants it.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};

use futures_util::{SinkExt, StreamExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Runtime;
use tokio_tungstenite::accept_hdr_async;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::handshake::server::{Request as Upgrade, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use wire_protocol::control::{
    FileCard, GroupSnapshot, Hello, InvitePreview, MemberToTracker, PreviewFile, ReadPart, Refusal, RefusalCode, Reply,
    Request, SUBPROTOCOL, Torrent, TrackerToMember, Welcome, decode_from_member, encode_from_tracker,
};
use wire_protocol::ids::{FileId, GroupId, HistoryId, InfoHash, MemberKey, RequestId};

use crate::program::World;

const GROUP: GroupId = GroupId([1; 16]);
const PIECE_LEN: u64 = 65_536;
const LEN: u64 = 5 * PIECE_LEN;

/// A torrent as a stranger writes it: the name is in it as it is.
fn torrent(name: &str, len: u64) -> Vec<u8> {
    let pieces = vec![7; 20 * len.div_ceil(PIECE_LEN) as usize];
    let front =
        format!("d6:lengthi{len}e4:name{}:{name}12:piece lengthi{PIECE_LEN}e6:pieces{}:", name.len(), pieces.len());
    [front.as_bytes(), &pieces, b"7:privatei1ee"].concat()
}

/// The card and the torrent that are handed out.
#[derive(Clone)]
struct Lie {
    card: FileCard,
    info: Vec<u8>,
    /// Names that were asked for; there is no answer.
    names: Arc<Mutex<Vec<String>>>,
}

impl Lie {
    /// The hash is always right: only who reads the torrent sees that it is another file's.
    fn new(name: &str, pieces: u32, info: Vec<u8>) -> Self {
        use sha1::Digest;
        let info_hash = InfoHash(sha1::Sha1::digest(&info).into());
        let card = FileCard {
            file: FileId([2; 16]),
            name: name.to_owned(),
            size: LEN,
            added_by: MemberKey([3; 32]),
            added_at_ms: 0,
            torrent: Some(Torrent { info_hash, info_len: info.len() as u32, pieces }),
        };
        Self { card, info, names: Arc::default() }
    }

    /// Serves until the runtime ends.
    fn start(self, runtime: &Runtime) -> SocketAddr {
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let address = listener.local_addr().unwrap();
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(self.clone().converse(stream));
            }
        });
        address
    }

    async fn converse(self, stream: TcpStream) {
        #[allow(clippy::result_large_err, reason = "tungstenite's callback is like that")]
        let upgrade = |_: &Upgrade, mut response: Response| {
            response.headers_mut().insert("sec-websocket-protocol", HeaderValue::from_static(SUBPROTOCOL));
            Ok(response)
        };
        let mut socket = accept_hdr_async(stream, upgrade).await.unwrap();
        let hello = Hello { server_key: [4; 32], key_id: 1, nonce: [5; 32], time_ms: 0 };
        let mut answers = vec![TrackerToMember::Hello(hello)];
        loop {
            for answer in answers.drain(..) {
                socket.send(Message::Binary(encode_from_tracker(&answer).into())).await.unwrap();
            }
            let Some(Ok(message)) = socket.next().await else { return };
            let Message::Binary(bytes) = message else { continue };
            answers = match decode_from_member(&bytes).unwrap() {
                MemberToTracker::Login(_) => vec![welcome(), TrackerToMember::Synced],
                MemberToTracker::Request { id, request } => self.answer(id, &request),
                MemberToTracker::Ping => vec![TrackerToMember::Pong],
                _ => Vec::new(),
            };
        }
    }

    fn answer(&self, id: RequestId, request: &Request) -> Vec<TrackerToMember> {
        let (name, slug) = ("Holiday".to_owned(), "lively-otter".to_owned());
        let reply = |reply| TrackerToMember::Reply { id, outcome: Ok(reply) };
        match request {
            Request::PreviewInvite { .. } => {
                let files = vec![PreviewFile { card: self.card.clone(), seeders: 1, leechers: 0 }];
                let (group, invited_by, needs_accept, members_online) = (GROUP, "Ana".to_owned(), false, 1);
                let preview = InvitePreview { group, name, invited_by, needs_accept, members_online, files };
                vec![reply(Reply::Preview(preview))]
            }
            Request::JoinGroup { .. } => {
                let files = vec![self.card.clone()];
                let (members, created_at_ms) = (Vec::new(), 0);
                let snapshot =
                    GroupSnapshot { group: GROUP, slug, name, seq: 1, epoch: 0, created_at_ms, members, files };
                vec![TrackerToMember::Snapshot(snapshot), reply(Reply::Joined { group: GROUP, key: None })]
            }
            Request::ReadInfo { offset, .. } => {
                let bytes = self.info[*offset as usize..].to_vec();
                vec![reply(Reply::InfoPart(ReadPart { info_len: self.info.len() as u32, offset: *offset, bytes }))]
            }
            Request::SetDisplayName { name } => {
                self.names.lock().unwrap().push(name.clone());
                Vec::new()
            }
            Request::CreateGroup { .. } => vec![reply(Reply::GroupCreated { slug })],
            // Ends a `share`, which would serve for ever.
            Request::PublishTorrent { .. } => {
                let refusal = Refusal { code: RefusalCode::BadRequest, message: "No.".to_owned() };
                vec![TrackerToMember::Reply { id, outcome: Err(refusal) }]
            }
            _ => vec![reply(Reply::Done)],
        }
    }
}

fn welcome() -> TrackerToMember {
    let (server, display_name) = ("a lying one".to_owned(), "Lively Otter".to_owned());
    TrackerToMember::Welcome(Welcome { server, history: HistoryId([6; 16]), display_name })
}

/// What a download leaves beside the program's own data.
fn written(world: &World) -> Vec<String> {
    let entries = std::fs::read_dir(world.folder.path()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| name != "data").collect()
}

fn download(world: &World, server: SocketAddr) -> crate::program::Run {
    let invite = format!("http://{server}/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA");
    world.run(&["download", &invite, "--no-tcp", "--timeout", "1s"])
}

#[test]
fn a_torrent_that_is_not_its_cards_is_refused_and_nothing_is_written() {
    let runtime = Runtime::new().unwrap();
    for (info, pieces, what) in [
        (torrent(".bash_profile", LEN), 5, "name"),
        (torrent("holiday.exe", LEN), 5, "name"),
        (torrent("holiday.mp4", LEN + 1), 6, "length"),
        (torrent("holiday.mp4", LEN), 6, "number of pieces"),
        (vec![7; 400], 5, "Not a torrent"),
    ] {
        let world = World::new();
        let run = download(&world, Lie::new("holiday.mp4", pieces, info).start(&runtime));
        assert_eq!(run.exit, 4, "{run:?}");
        assert!(run.stderr.contains("the torrent of holiday.mp4 is bad") && run.stderr.contains(what), "{run:?}");
        assert_eq!(written(&world), Vec::<String>::new());
    }
}

#[test]
fn no_hidden_file_is_ever_written() {
    let runtime = Runtime::new().unwrap();
    for name in [".bash_profile", "../.zshenv", "\u{200B}.profile"] {
        let world = World::new();
        let run = download(&world, Lie::new(name, 5, torrent(name, LEN)).start(&runtime));
        assert_eq!(run.exit, 3, "{run:?}");
        let written = written(&world);
        assert!(written.iter().all(|name| name.starts_with('_') && name.ends_with(".part")), "{written:?}");
    }
}

#[test]
fn printed_advice_puts_no_secret_on_a_command_line() {
    let runtime = Runtime::new().unwrap();
    let world = World::new();
    world.sample(".bashrc", 1000);
    let server = format!("http://{}", Lie::new("x", 1, Vec::new()).start(&runtime));
    let run = world.run(&["share", ".bashrc", "--server", &server, "--no-tcp"]);
    let secret = run.stdout.trim().split_once('#').expect("the invite").1;
    let commands: Vec<_> = run.stderr.lines().filter(|line| line.contains("native-peer download")).collect();
    assert_eq!(commands.len(), 1, "{run:?}");
    assert!(!commands[0].contains(secret), "{run:?}");
    assert!(run.stderr.contains("Others get .bashrc as _bashrc"), "{run:?}");
}

/// It was lost.
#[test]
fn a_name_that_the_server_has_not_taken_is_asked_for_again_at_the_next_start() {
    let runtime = Runtime::new().unwrap();
    let world = World::new();
    let server = Lie::new("holiday.mp4", 5, torrent("holiday.exe", LEN));
    let names = server.names.clone();
    let invite = format!("http://{}/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA", server.start(&runtime));
    let run = |more: &[&str]| world.run(&[&["download", &invite, "--no-tcp", "--timeout", "1s"], more].concat());
    run(&["--name", "Ana"]);
    run(&[]);
    assert_eq!(*names.lock().unwrap(), ["Ana", "Ana"]);
}
