//! A lone seeder advises which piece to take, so that it sends each once (decision 7).

use peer_engine::{Command, Config, Engine, Input, LinkKey, PieceIndex, PiecePolicy, PieceSet, Timestamp};
use peer_wire::PeerId;
use peer_wire::{Block, Message};

use crate::support::{Others, PIECES, handshake, open, torrent};

const NOW: Timestamp = Timestamp(0);

fn engine(have: PieceSet, policy: PiecePolicy) -> Engine {
    // One piece's blocks at a time, so that the first piece asked for is the one that was chosen.
    let mut config = Config::new("test");
    (config.policy, config.request_pipeline) = (policy, Some(3));
    Engine::new(config, torrent(), have, PeerId([1; 20]), 7, NOW)
}

/// A seeder that advises `piece`, and serves.
fn adviser(engine: &mut Engine, others: &mut Others, link: u64, piece: u32) -> LinkKey {
    let link = LinkKey(link);
    open(engine, link, peer_engine::Direction::Accepted, NOW);
    engine.handle(Input::Received { link, bytes: handshake(link, true) }, NOW);
    for message in [Message::HaveAll, Message::SuggestPiece(piece), Message::Unchoke] {
        others.say(engine, link, &message, NOW);
    }
    link
}

/// A peer that has these pieces and does not serve.
fn holder(engine: &mut Engine, others: &mut Others, pieces: Message) {
    let link = others.join(engine, 2, pieces, NOW);
    others.say(engine, link, &Message::Choke, NOW);
}

fn first_asked(engine: &mut Engine, others: &mut Others) -> Option<u32> {
    others.heard(engine, NOW).iter().find_map(|(_, message)| request(message)).map(|block| block.piece)
}

fn request(message: &Message) -> Option<Block> {
    if let Message::Request(block) = message { Some(*block) } else { None }
}

#[test]
fn advice_on_a_piece_that_only_the_adviser_has_is_taken() {
    let by_rate = true;
    for policy in [PiecePolicy::RarestFirst, PiecePolicy::Sequential, PiecePolicy::EqualSplit { by_rate }] {
        for piece in 0..PIECES {
            let (mut engine, mut others) = (engine(PieceSet::none(PIECES), policy), Others::default());
            adviser(&mut engine, &mut others, 1, piece);
            assert_eq!(first_asked(&mut engine, &mut others), Some(piece), "{policy}");
        }
    }
}

#[test]
fn what_somebody_watches_comes_before_advice() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), PiecePolicy::Sequential), Others::default());
    engine.handle(Input::Command(Command::Play { piece: PieceIndex(1), bytes_per_second: 50_000 }), NOW);
    adviser(&mut engine, &mut others, 1, 5);
    assert_eq!(first_asked(&mut engine, &mut others), Some(1));
}

/// Two seeders that do not know of each other: in order, everybody asked both for the same pieces.
#[test]
fn advice_on_a_piece_that_only_complete_peers_have_is_taken() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), PiecePolicy::Sequential), Others::default());
    holder(&mut engine, &mut others, Message::HaveAll);
    adviser(&mut engine, &mut others, 1, 5);
    assert_eq!(first_asked(&mut engine, &mut others), Some(5));
}

#[test]
fn shares_come_before_the_advice_of_several_seeders() {
    let policy = PiecePolicy::EqualSplit { by_rate: false };
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), policy), Others::default());
    holder(&mut engine, &mut others, Message::HaveAll);
    adviser(&mut engine, &mut others, 1, 5);
    assert_eq!(first_asked(&mut engine, &mut others), Some(0));
}

#[test]
fn advice_on_what_others_have_too_is_not_taken() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), PiecePolicy::Sequential), Others::default());
    holder(&mut engine, &mut others, Message::Bitfield(vec![0b0000_0100].into()));
    adviser(&mut engine, &mut others, 1, 5);
    assert_eq!(first_asked(&mut engine, &mut others), Some(0));
}

/// The seeder gives the piece to somebody else meanwhile: taking old advice, two peers fetched the same piece.
#[test]
fn advice_ends_with_the_slot() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), PiecePolicy::Sequential), Others::default());
    let link = adviser(&mut engine, &mut others, 1, 5);
    others.say(&mut engine, link, &Message::Choke, NOW);
    others.say(&mut engine, link, &Message::Unchoke, NOW);
    assert_eq!(first_asked(&mut engine, &mut others), Some(0));
}

#[test]
fn a_lone_seeder_advises_each_piece_once_and_in_order() {
    let (mut engine, mut others) = (engine(PieceSet::all(PIECES), PiecePolicy::RarestFirst), Others::default());
    (1..=3).for_each(|link| {
        others.join(&mut engine, link, Message::HaveNone, NOW);
    });
    let heard = others.heard(&mut engine, NOW);
    let mut advised: Vec<(LinkKey, u32)> = Vec::new();
    for (link, message) in heard {
        if let Message::SuggestPiece(piece) = message {
            advised.push((link, piece));
        }
    }
    let expected = [(1, 0), (1, 1), (2, 2), (2, 3), (3, 4), (3, 5)].map(|(link, piece)| (LinkKey(link), piece));
    assert_eq!(advised, expected);
}

/// With a slot too short for a piece everybody had many halves and nobody a whole one.
#[test]
fn half_a_piece_of_the_adviser_comes_before_its_next_advice() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES), PiecePolicy::RarestFirst), Others::default());
    let link = adviser(&mut engine, &mut others, 1, 2);
    let asked: Vec<_> =
        others.heard(&mut engine, NOW).into_iter().filter_map(|(_, message)| request(&message)).collect();
    let [first, rest @ ..] = &asked[..] else { panic!("nothing was asked for") };
    let data = vec![0; first.len as usize].into();
    others.say(&mut engine, link, &Message::Piece { piece: first.piece, begin: first.begin, data }, NOW);
    others.say(&mut engine, link, &Message::Choke, NOW);
    for block in rest {
        others.say(&mut engine, link, &Message::Reject(*block), NOW);
    }
    others.say(&mut engine, link, &Message::SuggestPiece(4), NOW);
    others.say(&mut engine, link, &Message::Unchoke, NOW);
    assert_eq!(first_asked(&mut engine, &mut others), Some(2));
}
