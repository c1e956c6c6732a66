//! Who is served, and when that ends.

use peer_engine::{Command, Config, Engine, Input, LinkKey, PieceSet, Timestamp};
use peer_wire::PeerId;
use peer_wire::{Block, Message};

use crate::support::{Others, PIECES, torrent};

const BLOCK: u32 = 16_384;

fn second(second: u64) -> Timestamp {
    Timestamp(second * 1_000_000)
}

/// One slot.
fn seeder() -> Engine {
    let mut config = Config::new("test");
    config.upload_slots = 1;
    Engine::new(config, torrent(), PieceSet::all(PIECES), PeerId([1; 20]), 7, Timestamp(0))
}

fn block(piece: u32, index: u32) -> Block {
    Block { piece, begin: index * BLOCK, len: BLOCK }
}

fn of(link: LinkKey, heard: &[(LinkKey, Message)]) -> Vec<Message> {
    heard.iter().filter(|(at, _)| *at == link).map(|(_, message)| message.clone()).collect()
}

#[test]
fn who_serves_nobody_chokes_at_once_and_serves_again_when_it_may() {
    let (mut engine, mut others) = (seeder(), Others::default());
    let first = others.join(&mut engine, 1, Message::HaveNone, second(0));
    assert!(of(first, &others.heard(&mut engine, second(0))).contains(&Message::Unchoke));
    others.say(&mut engine, first, &Message::Request(block(0, 0)), second(0));
    engine.handle(Input::Command(Command::SetServing(false)), second(0));
    let heard = of(first, &others.heard(&mut engine, second(0)));
    assert!(heard.ends_with(&[Message::Choke, Message::Reject(block(0, 0))]), "{heard:?}");

    let late = others.join(&mut engine, 2, Message::HaveNone, second(1));
    (1..=60).for_each(|at| engine.handle(Input::Tick, second(at)));
    let heard = others.heard(&mut engine, second(60));
    assert!(!heard.iter().any(|(_, message)| *message == Message::Unchoke), "{heard:?}");
    assert!(of(late, &heard).contains(&Message::HaveAll), "what it has is no secret");

    engine.handle(Input::Command(Command::SetServing(true)), second(60));
    let heard = others.heard(&mut engine, second(60));
    assert!(heard.iter().any(|(_, message)| *message == Message::Unchoke), "{heard:?}");
}

/// A lone seeder used to choke in the middle of a piece: it sent a third of the file twice.
#[test]
fn a_peer_that_loses_its_slot_gets_the_rest_of_its_piece() {
    let (mut engine, mut others) = (seeder(), Others::default());
    let first = others.join(&mut engine, 1, Message::HaveNone, second(0));
    let second_peer = others.join(&mut engine, 2, Message::HaveNone, second(0));
    assert!(of(first, &others.heard(&mut engine, second(0))).contains(&Message::Unchoke));

    for wanted in [block(0, 0), block(0, 1), block(0, 2), block(1, 0)] {
        others.say(&mut engine, first, &Message::Request(wanted), second(0));
    }
    others.work(&mut engine, second(0));
    let mut sent = Vec::new();
    while !sent.iter().any(|message| matches!(message, Message::Piece { .. })) {
        sent.extend(others.heard_once(&mut engine, first, 1_000, second(0)).unwrap());
    }

    // A round gives the slot to the other, and the first is in the middle of piece 0.
    (1..=5).for_each(|at| engine.handle(Input::Tick, second(at)));
    let rest = others.heard(&mut engine, second(5));
    let to_first = of(first, &rest);
    let places = |what: fn(&Message) -> bool| to_first.iter().position(what);
    let end = places(|message| matches!(message, Message::Piece { piece: 0, begin, .. } if *begin == 2 * BLOCK));
    let choke = places(|message| *message == Message::Choke);
    assert!(end.is_some() && end < choke, "{to_first:?}");
    assert!(to_first.contains(&Message::Reject(block(1, 0))), "the next piece is for somebody else");
    assert!(!to_first.iter().any(|message| matches!(message, Message::Piece { piece: 1, .. })));

    engine.handle(Input::Tick, second(6));
    let to_second: Vec<Message> = of(second_peer, &[rest, others.heard(&mut engine, second(6))].concat());
    assert!(to_second.contains(&Message::Unchoke));
    assert!(!to_second.contains(&Message::SuggestPiece(0)), "piece 0 is out already");
}

#[test]
fn who_leaves_is_choked_in_the_middle_of_a_piece_if_it_takes_too_long() {
    let (mut engine, mut others) = (seeder(), Others::default());
    let slow = others.join(&mut engine, 1, Message::HaveNone, second(0));
    others.join(&mut engine, 2, Message::HaveNone, second(0));
    others.heard(&mut engine, second(0));
    others.say(&mut engine, slow, &Message::Request(block(0, 0)), second(0));
    others.work(&mut engine, second(0));
    others.heard(&mut engine, second(0));

    let mut choked_at = None;
    for at in 1..=50 {
        // It asks for one block a second and never for the end of the piece.
        others.say(&mut engine, slow, &Message::Request(block(0, at as u32 % 2)), second(at));
        others.work(&mut engine, second(at));
        engine.handle(Input::Tick, second(at));
        if of(slow, &others.heard(&mut engine, second(at))).contains(&Message::Choke) {
            choked_at = choked_at.or(Some(at));
        }
    }
    assert!(choked_at.is_some_and(|at| (31..=42).contains(&at)), "{choked_at:?}");
}

/// It used to keep the slot, and with it all slots went to those who did not want any.
#[test]
fn a_slot_that_is_tried_and_not_used_goes_to_the_next() {
    let (mut engine, mut others) = (seeder(), Others::default());
    let links: Vec<LinkKey> =
        (1..=5).map(|link| others.join(&mut engine, link, Message::HaveNone, second(0))).collect();
    let mut unchoked = std::collections::BTreeSet::new();
    let mut at_once_max = 0;
    for at in 0..10 {
        engine.handle(Input::Tick, second(at));
        for (link, message) in others.heard(&mut engine, second(at)) {
            match message {
                Message::Unchoke => unchoked.insert(link),
                Message::Choke => unchoked.remove(&link),
                _ => continue,
            };
        }
        at_once_max = at_once_max.max(unchoked.len());
    }
    // The one that a round chose, and one on trial.
    assert!(at_once_max <= 2, "{at_once_max} of {} at once", links.len());
}

/// Each pair left a reject that nobody read, and nothing counted them.
#[test]
fn a_peer_that_asks_and_cancels_without_reading_is_closed() {
    let (mut engine, mut others) = (seeder(), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveNone, second(0));
    for _ in 0..20_000 {
        others.say(&mut engine, link, &Message::Request(block(0, 0)), second(0));
        others.say(&mut engine, link, &Message::Cancel(block(0, 0)), second(0));
        // Its first block is ready and is not taken, so that the others wait.
        others.say(&mut engine, link, &Message::Request(block(1, 0)), second(0));
        others.drain(&mut engine);
        if !others.closed.is_empty() {
            return;
        }
    }
    panic!("it is still there");
}
