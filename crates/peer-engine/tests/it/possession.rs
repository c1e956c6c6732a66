//! Pieces come and go without being fetched: a cache throws one out, a bridge's seeder brings many.

use peer_engine::{Command, Config, Direction, Engine, Event, Input, Job, LinkKey, PieceSet, Timestamp};
use peer_wire::{Behind, Block, ExtensionHandshake, ExtensionIds, Handshake, Message, PeerId, Reserved};

use crate::support::{Others, PIECES, answer, encode, engine, open, peer_id, torrent};

const NOW: Timestamp = Timestamp(0);
const LINK: LinkKey = LinkKey(1);
/// By which number the other end wants to hear of lost pieces.
const DONT_HAVE: u8 = 9;

fn set(pieces: &[u32]) -> PieceSet {
    let mut set = PieceSet::none(PIECES);
    pieces.iter().for_each(|piece| assert!(set.insert(*piece)));
    set
}

fn command(engine: &mut Engine, command: Command) {
    engine.handle(Input::Command(command), NOW);
    engine.check();
}

fn said(engine: &mut Engine, others: &mut Others) -> Vec<Message> {
    others.heard(engine, NOW).into_iter().map(|(_, message)| message).collect()
}

fn block(piece: u32) -> Block {
    Block { piece, begin: 0, len: 16_384 }
}

/// A peer that lacks everything, is interested, and knows BEP 54.
fn leecher(engine: &mut Engine, others: &mut Others) {
    open(engine, LINK, Direction::Accepted, NOW);
    let reserved = Reserved { fast: true, extensions: true };
    let handshake = Handshake { reserved, info_hash: torrent().info_hash(), peer_id: peer_id(1) };
    engine.handle(Input::Received { link: LINK, bytes: handshake.encode().to_vec().into() }, NOW);
    let ids = ExtensionIds { dont_have: Some(DONT_HAVE), ..ExtensionIds::default() };
    let payload = ExtensionHandshake { ids, ..ExtensionHandshake::default() }.encode().into();
    for message in [Message::Extended { id: 0, payload }, Message::HaveNone, Message::Interested] {
        engine.handle(Input::Received { link: LINK, bytes: encode(&message) }, NOW);
    }
    others.drain(engine);
}

fn gone(piece: u32) -> Message {
    Message::Extended { id: DONT_HAVE, payload: piece.to_be_bytes().to_vec().into() }
}

fn idle(have: PieceSet) -> (Engine, Others) {
    let mut engine = engine(have);
    command(&mut engine, Command::SetWanted(PieceSet::none(PIECES)));
    (engine, Others::default())
}

#[test]
fn what_is_gained_is_told_and_served_and_what_is_lost_is_taken_back() {
    let (mut engine, mut others) = idle(PieceSet::none(PIECES));
    leecher(&mut engine, &mut others);
    assert!(said(&mut engine, &mut others).contains(&Message::HaveNone));

    command(&mut engine, Command::Gained(set(&[1, 4])));
    assert_eq!(said(&mut engine, &mut others), [Message::Have(1), Message::Have(4)]);
    others.say(&mut engine, LINK, &Message::Request(block(4)), NOW);
    others.work(&mut engine, NOW);
    assert!(matches!(said(&mut engine, &mut others)[..], [Message::Piece { piece: 4, .. }]));

    command(&mut engine, Command::Lost(set(&[1, 2])));
    assert_eq!(said(&mut engine, &mut others), [gone(1)]);
    others.say(&mut engine, LINK, &Message::Request(block(1)), NOW);
    assert_eq!(said(&mut engine, &mut others), [Message::Reject(block(1))]);
    assert_eq!(engine.have(), &set(&[4]));
}

#[test]
fn whoever_waits_for_a_piece_that_is_lost_is_refused_and_its_late_load_goes_nowhere() {
    let (mut engine, mut others) = idle(set(&[2, 3]));
    leecher(&mut engine, &mut others);
    said(&mut engine, &mut others);
    for piece in [2, 3] {
        others.say(&mut engine, LINK, &Message::Request(block(piece)), NOW);
    }
    others.drain(&mut engine);
    let loads: Vec<Job> = others.jobs.drain(..).collect();
    command(&mut engine, Command::Lost(set(&[2])));
    assert_eq!(said(&mut engine, &mut others), [gone(2), Message::Reject(block(2))]);
    let info = engine.info().clone();
    loads.into_iter().for_each(|load| engine.handle(answer(load, &info), NOW));
    others.work(&mut engine, NOW);
    assert!(matches!(said(&mut engine, &mut others)[..], [Message::Piece { piece: 3, .. }]));
}

#[test]
fn a_piece_that_is_gained_and_lost_at_once_is_not_believed_to_be_here() {
    let (mut engine, mut others) = idle(PieceSet::none(PIECES));
    leecher(&mut engine, &mut others);
    said(&mut engine, &mut others);
    command(&mut engine, Command::Gained(set(&[0, 5])));
    command(&mut engine, Command::Lost(set(&[5])));
    assert_eq!(said(&mut engine, &mut others), [Message::Have(0), Message::Have(5), gone(5)]);
    command(&mut engine, Command::Gained(set(&[5])));
    assert_eq!(said(&mut engine, &mut others), [Message::Have(5)]);
}

#[test]
fn a_wanted_piece_that_is_lost_is_fetched_again_and_one_that_is_gained_is_not_fetched() {
    let mut engine = engine(PieceSet::none(PIECES));
    let mut others = Others::default();
    command(&mut engine, Command::SetWanted(set(&[0, 1])));
    command(&mut engine, Command::Gained(set(&[0, 1])));
    others.drain(&mut engine);
    assert!(engine.has_all_wanted() && others.events.contains(&Event::Completed));
    others.join(&mut engine, 1, Message::HaveAll, NOW);
    let requests = |said: Vec<Message>| said.into_iter().filter(|said| matches!(said, Message::Request(_))).count();
    assert_eq!(requests(said(&mut engine, &mut others)), 0);
    command(&mut engine, Command::Lost(set(&[1])));
    assert!(!engine.has_all_wanted());
    assert_eq!(requests(said(&mut engine, &mut others)), 3, "the piece has three blocks");
}

#[test]
fn who_fetches_for_others_shows_nothing_serves_nobody_and_stays_interested() {
    let mut config = Config::new("test");
    config.fetch_only = true;
    let mut engine = Engine::new(config, torrent(), set(&[3]), PeerId([1; 20]), 7, NOW);
    let mut others = Others::default();
    command(&mut engine, Command::SetWanted(PieceSet::none(PIECES)));
    others.join(&mut engine, 1, Message::HaveAll, NOW);
    let heard = said(&mut engine, &mut others);
    assert!(heard.contains(&Message::HaveNone) && heard.contains(&Message::Interested), "{heard:?}");
    command(&mut engine, Command::Gained(set(&[2])));
    command(&mut engine, Command::Lost(set(&[3])));
    for second in 1..40 {
        engine.handle(Input::Tick, Timestamp(second * 1_000_000));
    }
    others.say(&mut engine, LINK, &Message::Request(block(2)), NOW);
    assert_eq!(said(&mut engine, &mut others), [Message::Reject(block(2))]);
}

#[test]
fn peers_hear_what_stands_behind_a_bridge_when_they_come_and_when_it_changes() {
    let behind = |client: &str, is_banned| Behind { client: client.to_owned(), is_banned };
    let named = |said: Vec<Message>| {
        let last = said.into_iter().rev().find_map(|said| match said {
            Message::Extended { id: 0, payload } => ExtensionHandshake::decode(&payload),
            _ => None,
        });
        last.expect("an extension handshake").behind
    };
    let (mut engine, mut others) = idle(PieceSet::all(PIECES));
    command(&mut engine, Command::SetBehind(vec![behind("Transmission 3.00", false)]));
    leecher(&mut engine, &mut others);
    assert_eq!(named(said(&mut engine, &mut others)), Some(vec![behind("Transmission 3.00", false)]));
    let changed = vec![behind("Transmission 3.00", true), behind("qBittorrent 4.5.2", false)];
    command(&mut engine, Command::SetBehind(changed.clone()));
    assert_eq!(named(said(&mut engine, &mut others)), Some(changed));
    command(&mut engine, Command::SetBehind(Vec::new()));
    assert_eq!(named(said(&mut engine, &mut others)), Some(Vec::new()));
}
