//! Inputs to begin with: valid messages, which mutation would take long to find.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use bytes::Bytes;
use metainfo::{InfoBuilder, Metainfo};
use wire_protocol::control::*;
use wire_protocol::ids::*;
use wire_protocol::invite::Invite;
use wire_protocol::link::{LinkSide, LinkToken};
use peer_wire::{Block, ExtensionHandshake, Message};

use crate::control::{Kind, seed, token_seeds};
use crate::{engine, peer_wire};

/// One file of the corpus.
pub struct Seed {
    /// The target's name, which is also the folder's.
    pub target: &'static str,
    /// The file's name.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

const GROUP: GroupId = GroupId([0x11; 16]);
const FILE: FileId = FileId([0x22; 16]);
const MEMBER: MemberKey = MemberKey([0x44; 32]);
const AUTH: [u8; 32] = [0x66; 32];
const PEER: PeerId = PeerId([0x33; 20]);
const TIME_MS: u64 = 1_700_000_000_000;

/// The whole corpus.
pub fn seeds() -> Vec<Seed> {
    let of = |target: &'static str, named: Vec<(String, Vec<u8>)>| {
        named.into_iter().map(move |(name, bytes)| Seed { target, name, bytes })
    };
    of("peer_wire_decoder", peer_wire_seeds())
        .chain(of("bencode", bencode_seeds()))
        .chain(of("control_messages", control_seeds()))
        .chain(of(
            "engine_operations",
            engine::seeds().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
        ))
        .collect()
}

fn numbered(name: &str, inputs: impl IntoIterator<Item = Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    inputs.into_iter().zip(1..).map(|(bytes, number)| (format!("{name}-{number:02}"), bytes)).collect()
}

fn peer_wire_seeds() -> Vec<(String, Vec<u8>)> {
    let block = Block { piece: 7, begin: 32_768, len: 16_384 };
    let states = [Message::KeepAlive, Message::Choke, Message::Unchoke, Message::Interested, Message::NotInterested];
    let blocks = [
        Message::Request(block),
        Message::Cancel(block),
        Message::Reject(block),
        Message::Piece { piece: 7, begin: 32_768, data: Bytes::from_static(b"data") },
    ];
    let pieces = [
        Message::Have(7),
        Message::Bitfield(Bytes::from_static(&[0xa0, 0x80])),
        Message::HaveAll,
        Message::HaveNone,
        Message::SuggestPiece(7),
        Message::AllowedFast(7),
    ];
    let extended = [Message::Extended { id: 0, payload: extension().encode().into() }, Message::Unknown(99)];
    let mut seeds = numbered(
        "messages",
        [
            peer_wire::seed(9, &states, 0),
            peer_wire::seed(9, &blocks, 0),
            peer_wire::seed(9, &pieces, 0),
            peer_wire::seed(9, &extended, 0),
            peer_wire::seed(9, &[Message::Unchoke], 16_384),
        ],
    );
    seeds.push(("handshake".to_owned(), peer_wire::seed_with_handshake()));
    seeds
}

fn extension() -> ExtensionHandshake {
    ExtensionHandshake { client: Some("native-peer 0.1.0".to_owned()), request_queue_max: Some(512), upload_only: true }
}

fn bencode_seeds() -> Vec<(String, Vec<u8>)> {
    let mut builder = InfoBuilder::new("movie.mp4", 40_000, Some(16_384)).expect("a sound layout");
    (0..builder.layout().pieces()).for_each(|piece| builder.set_digest(piece, [piece as u8; 20]));
    let info = builder.finish().expect("all digests are set");
    let single = info.raw().to_vec();
    let metainfo = Metainfo { info, announce: Some("https://share.example/announce".to_owned()) };
    let folder =
        b"d5:filesld6:lengthi9e4:pathl1:a5:b.txteed4:attr1:p6:lengthi7e4:pathl4:.pad1:7eed6:lengthi0e4:pathl1:A\
        5:b.txte10:path.utf-8l1:A5:B.txteee4:name6:folder10:name.utf-86:Folder12:piece lengthi16384e\
        6:pieces20:01234567890123456789e";
    let names = [("info-single", single), ("info-folder", folder.to_vec()), ("torrent", metainfo.encode())];
    let mut seeds: Vec<_> = names.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    seeds.push(("extension-handshake".to_owned(), extension().encode()));
    seeds
}

fn control_seeds() -> Vec<(String, Vec<u8>)> {
    let member = from_member().into_iter().map(|message| seed(Kind::FromMember, &encode_from_member(&message)));
    let tracker = from_tracker().into_iter().map(|message| seed(Kind::FromTracker, &encode_from_tracker(&message)));
    let token = LinkToken { link: LinkId([0xbb; 16]), side: LinkSide::Dialer, member: MEMBER, expires_at_ms: TIME_MS };
    let invite = Invite::new("https://share.example", "lively-otter", [5; 16]).expect("a sound invite");
    let mut seeds = numbered("from-member", member);
    seeds.extend(numbered("from-tracker", tracker));
    seeds.extend(numbered("token", token_seeds(&token)));
    seeds.push(("invite".to_owned(), seed(Kind::Invite, invite.to_string().as_bytes())));
    seeds
}

fn slug() -> String {
    "lively-otter".to_owned()
}

fn from_member() -> Vec<MemberToTracker> {
    let login = Login {
        member: MEMBER,
        signature: Signature([0x51; 32], [0x52; 32]),
        dialled_host: "share.example".to_owned(),
        display_name: "Lively Otter".to_owned(),
        client: "native-peer 0.1.0".to_owned(),
        resume: vec![ResumePoint { group: GROUP, seq: 300 }],
    };
    let listen = Listen { port: 6881, local: vec![IpAddr::V4(Ipv4Addr::new(192, 168, 1, 20))] };
    let announce = Announce {
        group: GROUP,
        file: FILE,
        peer: PEER,
        progress: Progress::Pieces { have: 1_500, total: 2_888 },
        listen: Some(listen),
    };
    let requests = [
        Request::CreateGroup { group: GROUP, name: "Holiday".to_owned(), invite_auth: AUTH },
        Request::JoinGroup { slug: slug(), auth: AUTH },
        Request::AddFile { group: GROUP, file: FILE, name: "movie.mp4".to_owned(), size: 757_071_872 },
        Request::PublishTorrent {
            group: GROUP,
            file: FILE,
            info_hash: InfoHash([0xaa; 20]),
            info_len: 57_860,
            pieces: 2_888,
        },
        Request::SetDisplayName { name: "Zoë".to_owned() },
    ];
    let requests = requests.map(|request| MemberToTracker::Request { id: RequestId([0x77; 16]), request });
    let others = [
        MemberToTracker::Login(login),
        MemberToTracker::InfoPart { file: FILE, offset: 0, bytes: b"d6:length".to_vec() },
        MemberToTracker::Announce(announce),
        MemberToTracker::Dial { dial: 7, group: GROUP, file: FILE, to: PEER },
    ];
    others.into_iter().chain(requests).collect()
}

fn from_tracker() -> Vec<TrackerToMember> {
    let torrent = Torrent { info_hash: InfoHash([0xaa; 20]), info_len: 57_860, pieces: 2_888 };
    let card = FileCard {
        file: FILE,
        name: "movie.mp4".to_owned(),
        size: 757_071_872,
        added_by: MEMBER,
        added_at_ms: TIME_MS,
        torrent: Some(torrent),
    };
    let swarm_peer = SwarmPeer {
        peer: PEER,
        member: MEMBER,
        display_name: "Calm Fox".to_owned(),
        client: "Firefox".to_owned(),
        progress: Progress::Preparing(425),
        tcp: vec![
            SocketAddr::from(([192, 0, 2, 7], 6881)),
            SocketAddr::from(([0x2001, 0xdb8, 0, 0, 0, 0, 0, 7], 6881)),
        ],
    };
    let snapshot = GroupSnapshot {
        group: GROUP,
        slug: slug(),
        name: "Holiday".to_owned(),
        seq: 4,
        members: vec![Member { key: MEMBER, display_name: "Lively Otter".to_owned(), role: Role::Admin }],
        files: vec![card.clone()],
    };
    let preview = InvitePreview {
        group: GROUP,
        name: "Holiday".to_owned(),
        invited_by: "Lively Otter".to_owned(),
        members_online: 2,
        files: vec![PreviewFile { card: card.clone(), seeders: 2, leechers: 1 }],
    };
    let grant = LinkGrant {
        dial: Some(7),
        link: LinkId([0xbb; 16]),
        token: vec![0xcc; 130],
        group: GROUP,
        file: FILE,
        peer: swarm_peer.clone(),
    };
    let refusal = Refusal { code: RefusalCode::BadInvite, message: "Ask for a new link.".to_owned() };
    let reply = |outcome| TrackerToMember::Reply { id: RequestId([0x77; 16]), outcome };
    let change = GroupChange::File(card);
    vec![
        TrackerToMember::Hello(Hello { server_key: [0x88; 32], nonce: [0x99; 32], time_ms: TIME_MS }),
        TrackerToMember::Snapshot(snapshot),
        TrackerToMember::SwarmPeers { group: GROUP, file: FILE, all: true, peers: vec![swarm_peer] },
        TrackerToMember::LinkGrant(grant),
        TrackerToMember::Event(GroupEvent { group: GROUP, seq: 1, at_ms: TIME_MS, actor: MEMBER, change }),
        reply(Ok(Reply::Preview(preview))),
        reply(Ok(Reply::InfoPart { info_len: 57_860, offset: 0, bytes: b"d6:length".to_vec() })),
        reply(Err(refusal)),
    ]
}
