//! Inputs to begin with: valid messages, which mutation would take long to find.

use std::net::SocketAddr;

use bytes::Bytes;
use metainfo::{InfoBuilder, Metainfo};
use peer_wire::{Block, ExtensionHandshake, Message, MetadataMessage, PexMessage, PexPeer};
use wire_protocol::control::{encode_from_member, encode_from_tracker};
use wire_protocol::invite::Invite;

use crate::control::{Kind, seed, token_seeds};
use crate::{decoder, engine, secure, swarms, trackers};

/// One file of the corpus.
pub struct Seed {
    /// The target's name, which is also the folder's.
    pub target: &'static str,
    /// The file's name.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// One value of every variant: a new one does not compile there until it has a name.
#[path = "../../crates/wire-protocol/tests/it/samples/mod.rs"]
#[allow(dead_code, missing_docs)]
mod samples;

/// The whole corpus.
pub fn seeds() -> Vec<Seed> {
    let of = |target: &'static str, named: Vec<(String, Vec<u8>)>| {
        named.into_iter().map(move |(name, bytes)| Seed { target, name, bytes })
    };
    of("peer_wire_decoder", peer_wire_seeds())
        .chain(of("bencode", bencode_seeds()))
        .chain(of("trackers", trackers::seeds()))
        .chain(of("control_messages", control_seeds()))
        .chain(of(
            "engine_operations",
            engine::seeds().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
        ))
        .chain(of(
            "local_peer_operations",
            swarms::seeds().into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect(),
        ))
        .chain(of("secure_handshake", secure::handshake_seeds()))
        .chain(of("secure_records", secure::record_seeds()))
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
            decoder::seed(9, &states, 0),
            decoder::seed(9, &blocks, 0),
            decoder::seed(9, &pieces, 0),
            decoder::seed(9, &extended, 0),
            decoder::seed(9, &[Message::Unchoke], 16_384),
        ],
    );
    seeds.push(("handshake".to_owned(), decoder::seed_with_handshake()));
    seeds
}

fn extension() -> ExtensionHandshake {
    ExtensionHandshake {
        client: Some("native-peer 0.1.0".to_owned()),
        request_queue_max: Some(512),
        upload_only: true,
        ..ExtensionHandshake::default()
    }
}

fn bencode_seeds() -> Vec<(String, Vec<u8>)> {
    let mut builder = InfoBuilder::new("movie.mp4", 40_000, Some(16_384)).expect("a sound layout");
    (0..builder.layout().pieces()).for_each(|piece| builder.set_digest(piece, [piece as u8; 20]));
    let info = builder.finish().expect("all digests are set");
    let single = info.raw().to_vec();
    let url = |text: &str| text.to_owned();
    let metainfo = Metainfo {
        trackers: vec![
            vec![url("https://share.example/announce"), url("udp://a.example:1")],
            vec![url("http://b.example")],
        ],
        web_seeds: vec![url("https://w.example/")],
        comment: Some(url("a comment")),
        ..Metainfo::from(info)
    };
    let magnet = metainfo.magnet().to_string().into_bytes();
    let folder =
        b"d5:filesld6:lengthi9e4:pathl1:a5:b.txteed4:attr1:p6:lengthi7e4:pathl4:.pad1:7eed6:lengthi0e4:pathl1:A\
        5:b.txte10:path.utf-8l1:A5:B.txteee4:name6:folder10:name.utf-86:Folder12:piece lengthi16384e\
        6:pieces20:01234567890123456789e";
    let names =
        [("info-single", single), ("info-folder", folder.to_vec()), ("torrent", metainfo.encode()), ("magnet", magnet)];
    let mut seeds: Vec<_> = names.into_iter().map(|(name, bytes)| (name.to_owned(), bytes)).collect();
    seeds.push(("extension-handshake".to_owned(), extension().encode()));
    let data = MetadataMessage::Data { part: 0, total_len: 4, data: Bytes::from_static(b"data") };
    seeds.push(("metadata-data".to_owned(), data.encode()));
    seeds.push(("metadata-request".to_owned(), MetadataMessage::Request { part: 3 }.encode()));
    let (added, dropped) = ("192.0.2.1:6881", "[2001:db8::1]:6881");
    let pex = PexMessage {
        added: vec![PexPeer::from(added.parse::<SocketAddr>().expect("an address"))],
        dropped: vec![dropped.parse().expect("an address")],
    };
    seeds.push(("pex".to_owned(), pex.encode()));
    seeds
}

/// Every variant of every control message.
fn control_seeds() -> Vec<(String, Vec<u8>)> {
    let named = |name: &str, bytes| (name.replace('/', "-"), bytes);
    let member = samples::from_member().into_iter().map(|message| {
        let bytes = seed(Kind::FromMember, &encode_from_member(&message));
        named(samples::from_member_name(&message), bytes)
    });
    let tracker = samples::from_tracker().into_iter().map(|message| {
        let bytes = seed(Kind::FromTracker, &encode_from_tracker(&message));
        named(samples::from_tracker_name(&message), bytes)
    });
    let mut seeds: Vec<_> = member.chain(tracker).collect();
    seeds.extend(numbered("token", token_seeds(&samples::link_token())));
    let invite = Invite::new("https://share.example", "lively-otter", [5; 16]).expect("a sound invite");
    seeds.push(("invite".to_owned(), seed(Kind::Invite, invite.to_string().as_bytes())));
    let origin = |text: &str| seed(Kind::Origin, text.as_bytes());
    seeds.extend(numbered("origin", [origin("https://share.example"), origin("http://[::1]:8080")]));
    seeds
}
