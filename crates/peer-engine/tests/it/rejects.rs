//! A peer that rejects a block lacks the piece, as far as can be known, and is not asked for it again soon.

use bytes::Bytes;
use peer_engine::{Config, Direction, Engine, Input, LinkKey, PieceSet, Timestamp};
use peer_wire::PeerId;
use peer_wire::{Block, Decoder, Message};

use crate::support::{Others, PIECES, encode, engine, handshake, open, torrent};

const NOW: Timestamp = Timestamp(0);
const OWNER: LinkKey = LinkKey(1);
const HELPER: LinkKey = LinkKey(2);

fn join(engine: &mut Engine, link: LinkKey, pieces: Message) {
    open(engine, link, Direction::Accepted, NOW);
    let greeting = [&handshake(link, true)[..], &encode(&pieces), &encode(&Message::Unchoke)].concat();
    engine.handle(Input::Received { link, bytes: greeting.into() }, NOW);
}

fn asked(engine: &mut Engine, link: LinkKey, told: &mut Decoder, is_new: bool) -> Vec<Block> {
    let mut out = Vec::new();
    while engine.transmit(link, 1 << 20, &mut out, NOW) > 0 {}
    told.push(out.concat().into());
    if is_new {
        told.next_handshake().unwrap().unwrap();
    }
    let messages = std::iter::from_fn(|| told.next_message().unwrap());
    messages.filter_map(|message| if let Message::Request(block) = message { Some(block) } else { None }).collect()
}

/// It owned the piece, went on to the next, and rejects a block that somebody else was asked for as well: it
/// used to go on owning the piece, and was asked for its blocks when the other one left.
#[test]
fn a_peer_that_rejects_a_block_that_two_were_asked_for_is_not_asked_for_its_piece_again() {
    let mut have = PieceSet::all(PIECES);
    (0..2).for_each(|piece| assert!(have.remove(piece)));
    let mut config = Config::new("test");
    config.request_pipeline = Some(6);
    let mut engine = Engine::new(config, torrent(), have, PeerId([1; 20]), 7, NOW);
    let (mut told_owner, mut told_helper) = (Decoder::new(PIECES), Decoder::new(PIECES));

    join(&mut engine, OWNER, Message::HaveAll);
    let asked_of_owner = asked(&mut engine, OWNER, &mut told_owner, true);
    assert_eq!(asked_of_owner.len(), 6, "two pieces of three blocks");
    let first = asked_of_owner[0].piece;

    join(&mut engine, HELPER, Message::Bitfield(Bytes::from(vec![0x80 >> first])));
    let asked_of_helper = asked(&mut engine, HELPER, &mut told_helper, true);
    let again = asked_of_helper[0];
    assert_eq!(again.piece, first, "endgame");

    let bytes = encode(&Message::Reject(again));
    engine.handle(Input::Received { link: OWNER, bytes }, NOW);
    engine.handle(Input::LinkClosed { link: HELPER }, NOW);
    assert_eq!(asked(&mut engine, OWNER, &mut told_owner, false), []);
}

fn requests(heard: Vec<(LinkKey, Message)>) -> Vec<Block> {
    let request = |(_, message)| if let Message::Request(block) = message { Some(block) } else { None };
    heard.into_iter().filter_map(request).collect()
}

/// Transmission does so. All that it had been asked for was believed to be missing there for good, and a download from it
/// alone stood still.
#[test]
fn a_peer_that_rejects_everything_right_before_it_chokes_is_asked_for_it_again_when_it_serves() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    let asked = requests(others.heard(&mut engine, NOW));
    assert!(!asked.is_empty());
    asked.iter().for_each(|block| others.say(&mut engine, link, &Message::Reject(*block), NOW));
    for message in [Message::Choke, Message::Unchoke] {
        others.say(&mut engine, link, &message, NOW);
    }
    assert_eq!(engine.peers()[0].pieces_have, PIECES);
    assert!(!requests(others.heard(&mut engine, NOW)).is_empty());
    engine.check();
}

#[test]
fn a_peer_that_rejects_everything_is_asked_again_after_ten_seconds_and_not_before() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    let mut asked_at = Vec::new();
    for second in 0..=12 {
        let now = Timestamp(second * 1_000_000);
        engine.handle(Input::Tick, now);
        loop {
            let asked = requests(others.heard(&mut engine, now));
            if asked.is_empty() {
                break;
            }
            asked_at.push(second);
            asked.iter().for_each(|block| others.say(&mut engine, link, &Message::Reject(*block), now));
        }
        engine.check();
    }
    assert_eq!((asked_at.first(), asked_at.iter().filter(|second| (1..10).contains(*second)).count()), (Some(&0), 0));
    assert!(asked_at.iter().any(|second| *second >= 10), "{asked_at:?}");
}
