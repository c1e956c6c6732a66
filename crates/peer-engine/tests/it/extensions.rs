//! What peers of a public torrent say beside the torrent's pieces, and that those of a private one do not.

use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use metainfo::Info;
use peer_engine::{
    CloseReason, Config, Direction, Engine, Event, Input, LinkKey, Opening, PeerExchange, PieceSet, Timestamp,
};
use peer_wire::{
    ExtensionHandshake, ExtensionIds, Handshake, METADATA_PART_LEN, Message, MetadataMessage, PeerId, PexMessage,
    PexPeer, Reserved,
};

use crate::support::{Others, PIECES, encode, open, peer_id, torrent};

const NOW: Timestamp = Timestamp(0);
const LINK: LinkKey = LinkKey(1);
/// By what the other end wants to be sent metadata.
const THEIR_METADATA: u8 = 9;
/// And news of others.
const THEIR_PEX: u8 = 8;

/// The same torrent without `private`, padded with a key that nobody knows to several parts of metadata.
fn public_torrent() -> Arc<Info> {
    let raw = torrent().raw().to_vec();
    let private = b"7:privatei1e";
    let at = raw.windows(private.len()).position(|bytes| bytes == private).unwrap();
    let padding = format!("7:unknown{}:{}", 2 * METADATA_PART_LEN, "x".repeat(2 * METADATA_PART_LEN));
    Arc::new(Info::parse([&raw[..at], padding.as_bytes(), &raw[at + private.len()..]].concat().into()).unwrap())
}

/// An engine with everything, and a peer that speaks all extensions.
fn meet(info: Arc<Info>) -> (Engine, Others, ExtensionHandshake) {
    let mut config = Config::new("test");
    config.listen_port = Some(6881);
    config.close_when_both_complete = false;
    let info_hash = info.info_hash();
    let mut engine = Engine::new(config, info, PieceSet::all(PIECES), PeerId([1; 20]), 7, NOW);
    let mut others = Others::default();
    open(&mut engine, LINK, Direction::Accepted, NOW);
    let reserved = Reserved { fast: true, extensions: true };
    let handshake = Handshake { reserved, info_hash, peer_id: peer_id(1) }.encode();
    engine.handle(Input::Received { link: LINK, bytes: Bytes::copy_from_slice(&handshake) }, NOW);
    let ids = ExtensionIds { metadata: Some(THEIR_METADATA), pex: Some(8), dont_have: None };
    let payload = ExtensionHandshake { ids, ..ExtensionHandshake::default() }.encode().into();
    others.say(&mut engine, LINK, &Message::Extended { id: 0, payload }, NOW);
    let heard = others.heard(&mut engine, NOW);
    let ours = heard.into_iter().find_map(|(_, message)| match message {
        Message::Extended { id: 0, payload } => ExtensionHandshake::decode(&payload),
        _ => None,
    });
    (engine, others, ours.unwrap())
}

fn address(text: &str) -> SocketAddr {
    text.parse().unwrap()
}

fn ask(engine: &mut Engine, others: &mut Others, id: u8, part: u32) -> Vec<MetadataMessage> {
    let payload = MetadataMessage::Request { part }.encode().into();
    others.say(engine, LINK, &Message::Extended { id, payload }, NOW);
    let heard = others.heard(engine, NOW).into_iter();
    let answers = heard.filter_map(|(_, message)| match message {
        Message::Extended { id: THEIR_METADATA, payload } => MetadataMessage::decode(&payload),
        _ => None,
    });
    answers.collect()
}

#[test]
fn the_info_dictionary_of_a_public_torrent_is_given_in_parts() {
    let info = public_torrent();
    let (mut engine, mut others, ours) = meet(info.clone());
    assert_eq!(ours.metadata_len, Some(info.raw().len() as u32));
    assert_eq!(ours.port, Some(6881));
    let id = ours.ids.metadata.unwrap();
    let mut whole = Vec::new();
    for part in 0..3 {
        let answers = ask(&mut engine, &mut others, id, part);
        let [MetadataMessage::Data { part: given, total_len, data }] = &answers[..] else { panic!("{answers:?}") };
        assert_eq!((*given, *total_len as usize), (part, info.raw().len()));
        whole.extend_from_slice(data);
    }
    assert_eq!(whole, info.raw()[..]);
    let beyond = ask(&mut engine, &mut others, id, 3);
    assert_eq!(beyond, [MetadataMessage::Reject { part: 3 }]);
}

#[test]
fn whoever_asks_for_the_info_dictionary_again_and_again_gets_it_twice() {
    let (mut engine, mut others, ours) = meet(public_torrent());
    let id = ours.ids.metadata.unwrap();
    let answers: Vec<MetadataMessage> = (0..20).flat_map(|_| ask(&mut engine, &mut others, id, 0)).collect();
    let is_data = |answer: &&MetadataMessage| matches!(answer, MetadataMessage::Data { .. });
    assert_eq!(answers.iter().filter(is_data).count(), 6, "two of three parts each");
    assert_eq!(answers.len(), 20, "the others are rejected");
}

#[test]
fn in_a_private_torrent_neither_metadata_nor_peers_are_offered_given_or_taken() {
    let (mut engine, mut others, ours) = meet(torrent());
    assert_eq!((ours.ids.metadata, ours.ids.pex, ours.metadata_len), (None, None, None));
    for id in 1..=255 {
        assert_eq!(ask(&mut engine, &mut others, id, 0), []);
        if others.closed.is_empty() {
            let told = PexMessage { added: vec![address("1.2.3.4:5").into()], dropped: Vec::new() };
            others.say(&mut engine, LINK, &Message::Extended { id, payload: told.encode().into() }, NOW);
        }
    }
    others.drain(&mut engine);
    assert!(!others.events.iter().any(|event| matches!(event, Event::PeersTold { .. })));
}

#[test]
fn peers_that_a_peer_tells_of_are_told_on() {
    let (mut engine, mut others, ours) = meet(public_torrent());
    let addresses = vec![address("1.2.3.4:5"), address("[2001:db8::1]:6")];
    let added = addresses.iter().copied().map(PexPeer::from).collect();
    let payload = PexMessage { added, dropped: Vec::new() }.encode().into();
    others.say(&mut engine, LINK, &Message::Extended { id: ours.ids.pex.unwrap(), payload }, NOW);
    others.drain(&mut engine);
    assert!(others.events.contains(&Event::PeersTold { link: LINK, addresses }));
}

/// An engine with nothing that is told to tell.
fn teller(exchange: PeerExchange, info: Arc<Info>) -> Engine {
    let mut config = Config::new("test");
    config.peer_exchange = exchange;
    Engine::new(config, info, PieceSet::none(PIECES), PeerId([1; 20]), 7, NOW)
}

/// A stranger that speaks of others, and says where it accepts connections.
fn come(engine: &mut Engine, others: &mut Others, nth: u64, opening: Opening, port: Option<u16>) {
    let link = LinkKey(nth);
    let (reserved, info_hash) = (Reserved { fast: true, extensions: true }, engine.info().info_hash());
    engine.handle(Input::LinkOpened { link, opening }, NOW);
    let handshake = Handshake { reserved, info_hash, peer_id: peer_id(nth) }.encode();
    engine.handle(Input::Received { link, bytes: Bytes::copy_from_slice(&handshake) }, NOW);
    let ids = ExtensionIds { pex: Some(THEIR_PEX), ..ExtensionIds::default() };
    let payload = ExtensionHandshake { ids, port, ..ExtensionHandshake::default() }.encode().into();
    others.say(engine, link, &Message::Extended { id: 0, payload }, NOW);
    others.say(engine, link, &if nth == 1 { Message::HaveAll } else { Message::HaveNone }, NOW);
}

fn dialed(at: &str) -> Opening {
    Opening { direction: Direction::Dialed, peer: None, identity: None, address: Some(address(at)) }
}

fn called(from: &str) -> Opening {
    Opening { direction: Direction::Accepted, ..dialed(from) }
}

/// What each link heard of others within the next seconds.
fn told(engine: &mut Engine, others: &mut Others, seconds: u64) -> Vec<(u64, PexMessage)> {
    let now = Timestamp(seconds * 1_000_000);
    engine.handle(Input::Tick, now);
    let heard = others.heard(engine, now).into_iter();
    let told = heard.filter_map(|(link, message)| match message {
        Message::Extended { id: THEIR_PEX, payload } => Some((link.0, PexMessage::decode(&payload)?)),
        _ => None,
    });
    told.collect()
}

#[test]
fn strangers_are_told_where_the_others_can_be_dialed_and_who_is_gone() {
    let mut engine = teller(PeerExchange::Told, public_torrent());
    let mut others = Others::default();
    come(&mut engine, &mut others, 1, dialed("198.51.100.1:6881"), Some(9));
    come(&mut engine, &mut others, 2, called("203.0.113.2:40000"), Some(6882));
    come(&mut engine, &mut others, 3, called("203.0.113.3:40000"), None);
    come(&mut engine, &mut others, 4, Opening { address: None, ..called("203.0.113.4:4") }, Some(6884));
    let seed = PexPeer { address: address("198.51.100.1:6881"), is_seed: true, is_reached: true };
    let leecher = PexPeer::from(address("203.0.113.2:6882"));
    let added = |peers: &[PexPeer]| PexMessage { added: peers.to_vec(), dropped: Vec::new() };
    let first = told(&mut engine, &mut others, 1);
    assert_eq!(first, [(1, added(&[leecher])), (2, added(&[seed])), (3, added(&[seed, leecher]))]);
    assert_eq!(told(&mut engine, &mut others, 2), []);
    engine.handle(Input::LinkClosed { link: LinkKey(1) }, Timestamp(3_000_000));
    let gone = PexMessage { added: Vec::new(), dropped: vec![seed.address] };
    assert_eq!(told(&mut engine, &mut others, 62), [(2, gone.clone()), (3, gone)]);
}

#[test]
fn nobody_is_told_of_anybody_in_a_private_torrent_or_where_that_is_off() {
    let cases = [
        (PeerExchange::Told, torrent(), false),
        (PeerExchange::Off, public_torrent(), false),
        (PeerExchange::Heard, public_torrent(), true),
    ];
    for (exchange, info, is_offered) in cases {
        let (mut engine, mut others) = (teller(exchange, info), Others::default());
        come(&mut engine, &mut others, 1, dialed("198.51.100.1:6881"), None);
        come(&mut engine, &mut others, 2, called("203.0.113.2:40000"), Some(6882));
        let heard = others.heard(&mut engine, NOW).into_iter();
        let offers = heard.filter_map(|(_, message)| match message {
            Message::Extended { id: 0, payload } => ExtensionHandshake::decode(&payload),
            _ => None,
        });
        let offered: Vec<bool> = offers.map(|offer| offer.ids.pex.is_some()).collect();
        assert_eq!(offered, [is_offered; 2], "{exchange:?}");
        assert_eq!(told(&mut engine, &mut others, 1), [], "{exchange:?}");
        let payload = PexMessage { added: vec![address("1.2.3.4:5").into()], dropped: Vec::new() }.encode().into();
        others.say(&mut engine, LinkKey(2), &Message::Extended { id: 2, payload }, NOW);
        others.drain(&mut engine);
        let is_taken = others.events.iter().any(|event| matches!(event, Event::PeersTold { .. }));
        assert_eq!(is_taken, is_offered, "{exchange:?}");
    }
}

#[test]
fn a_piece_that_a_peer_has_no_more_is_not_asked_of_it() {
    let mut engine = crate::support::engine(PieceSet::none(PIECES));
    let mut others = Others::default();
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    let gone = 4_u32;
    let payload = Bytes::copy_from_slice(&gone.to_be_bytes());
    others.say(&mut engine, link, &Message::Extended { id: 3, payload }, NOW);
    let heard = others.heard(&mut engine, NOW);
    let asked: Vec<u32> = heard
        .into_iter()
        .filter_map(|(_, message)| if let Message::Request(block) = message { Some(block.piece) } else { None })
        .collect();
    assert!(!asked.is_empty() && !asked.contains(&gone), "{asked:?}");
    engine.check();
    let nonsense = Bytes::copy_from_slice(&PIECES.to_be_bytes());
    engine.handle(Input::Received { link, bytes: encode(&Message::Extended { id: 3, payload: nonsense }) }, NOW);
    others.drain(&mut engine);
    assert!(matches!(others.closed[..], [(_, CloseReason::Protocol(_))]));
}
