//! Only what is wanted is fetched, and what is wanted may change.

use peer_engine::{Command, Engine, Event, Input, PieceSet, Timestamp};
use peer_wire::{Block, Message};

use crate::support::{Others, PIECE_LEN, PIECES, engine};

const NOW: Timestamp = Timestamp(0);

fn set(pieces: &[u32]) -> PieceSet {
    let mut set = PieceSet::none(PIECES);
    pieces.iter().for_each(|piece| assert!(set.insert(*piece)));
    set
}

fn want(engine: &mut Engine, pieces: &[u32]) {
    engine.handle(Input::Command(Command::SetWanted(set(pieces))), NOW);
    engine.check();
}

fn said(engine: &mut Engine, others: &mut Others) -> Vec<Message> {
    others.heard(engine, NOW).into_iter().map(|(_, message)| message).collect()
}

fn asked(said: &[Message]) -> Vec<Block> {
    said.iter().filter_map(|message| if let Message::Request(block) = message { Some(*block) } else { None }).collect()
}

/// Answers everything that is asked until nothing more is.
fn serve(engine: &mut Engine, others: &mut Others) -> Vec<u32> {
    let mut served = Vec::new();
    loop {
        let blocks = asked(&said(engine, others));
        if blocks.is_empty() {
            served.sort_unstable();
            served.dedup();
            return served;
        }
        for Block { piece, begin, len } in blocks {
            served.push(piece);
            let data = vec![piece as u8; len as usize].into();
            others.say(engine, peer_engine::LinkKey(1), &Message::Piece { piece, begin, data }, NOW);
        }
        others.work(engine, NOW);
        engine.check();
    }
}

#[test]
fn only_wanted_pieces_are_fetched_and_then_it_is_done() {
    let mut engine = engine(PieceSet::none(PIECES));
    let mut others = Others::default();
    want(&mut engine, &[1, 4]);
    others.join(&mut engine, 1, Message::HaveAll, NOW);
    assert_eq!(serve(&mut engine, &mut others), [1, 4]);
    assert!(engine.has_all_wanted() && !engine.is_complete());
    assert_eq!(others.events.iter().filter(|event| **event == Event::Completed).count(), 1);
}

#[test]
fn a_peer_hears_whether_it_has_anything_that_is_wanted() {
    let mut engine = engine(PieceSet::none(PIECES));
    let mut others = Others::default();
    want(&mut engine, &[]);
    others.join(&mut engine, 1, Message::HaveAll, NOW);
    assert!(!said(&mut engine, &mut others).contains(&Message::Interested));
    want(&mut engine, &[2]);
    let heard = said(&mut engine, &mut others);
    assert!(heard.contains(&Message::Interested));
    assert!(!asked(&heard).is_empty() && asked(&heard).iter().all(|block| block.piece == 2));
}

#[test]
fn what_is_wanted_no_more_is_not_begun_and_what_is_wanted_again_is_fetched() {
    let mut engine = engine(set(&[0]));
    let mut others = Others::default();
    others.join(&mut engine, 1, Message::HaveAll, NOW);
    want(&mut engine, &[0, 3]);
    assert_eq!(serve(&mut engine, &mut others), [3]);
    want(&mut engine, &[5]);
    assert_eq!(serve(&mut engine, &mut others), [5]);
    engine.handle(Input::Command(Command::SetWanted(PieceSet::all(PIECES))), NOW);
    assert_eq!(serve(&mut engine, &mut others), [1, 2, 4]);
    assert!(engine.is_complete());
}

#[test]
fn a_piece_on_its_way_still_comes_when_it_is_wanted_no_more() {
    let mut engine = engine(PieceSet::none(PIECES));
    let mut others = Others::default();
    want(&mut engine, &[2]);
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    let blocks = asked(&said(&mut engine, &mut others));
    assert_eq!(blocks.iter().map(|block| block.len).sum::<u32>(), PIECE_LEN);
    want(&mut engine, &[]);
    for Block { piece, begin, len } in blocks {
        let data = vec![piece as u8; len as usize].into();
        others.say(&mut engine, link, &Message::Piece { piece, begin, data }, NOW);
    }
    others.work(&mut engine, NOW);
    engine.check();
    assert_eq!(engine.have(), &set(&[2]));
}

#[test]
fn a_choice_of_another_torrents_length_is_ignored() {
    let mut engine = engine(PieceSet::none(PIECES));
    engine.handle(Input::Command(Command::SetWanted(PieceSet::none(PIECES + 1))), NOW);
    engine.check();
    assert!(!engine.has_all_wanted());
}
