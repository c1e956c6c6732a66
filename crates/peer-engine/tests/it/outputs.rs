//! One loop takes everything that the engine wants, in an order that needs no other thought.

use peer_engine::{Blame, CloseReason, Command, Direction, Event, Identity, Input, Job, LinkKey, Output, PieceSet};
use peer_engine::{Config, Engine, Opening, StorageError, StorageErrorKind, Timestamp};
use peer_wire::{Block, Message, PeerId};

use crate::support::{Others, PIECE_LEN, PIECES, answer, engine, open, peer_id, torrent};

const NOW: Timestamp = Timestamp(0);
const BLOCK: u32 = 16_384;

fn gone(others: &Others) -> Vec<(LinkKey, u64, u64, Option<CloseReason>)> {
    let totals = others.events.iter().filter_map(|event| match event {
        Event::PeerGone { link, downloaded, uploaded, why, .. } => Some((*link, *downloaded, *uploaded, why.clone())),
        _ => None,
    });
    totals.collect()
}

/// Drivers that took loads before they wrote to links left them lying until the next input, a second at worst.
#[test]
fn what_transmitting_wants_loaded_comes_in_the_same_drain() {
    let mut config = Config::new("test");
    // One block at a time: the next is loaded when the link has taken this one.
    config.read_ahead_bytes = BLOCK;
    let mut engine = Engine::new(config, torrent(), PieceSet::all(PIECES), PeerId([1; 20]), 7, NOW);
    let mut others = Others::default();
    let link = others.join(&mut engine, 1, Message::HaveNone, NOW);
    for piece in 0..PIECES - 1 {
        others.say(&mut engine, link, &Message::Request(Block { piece, begin: 0, len: BLOCK }), NOW);
    }
    let (mut sent, mut loads) = (0, 0);
    while let Some(output) = engine.poll_output() {
        match output {
            Output::Transmit(link) => {
                let mut out = Vec::new();
                while engine.transmit(link, 1 << 20, &mut out, NOW) > 0 {}
                sent += out.iter().map(bytes::Bytes::len).filter(|len| *len == BLOCK as usize).count();
            }
            Output::Storage(job) => {
                loads += 1;
                let info = engine.info().clone();
                engine.handle(answer(job, &info), NOW);
            }
            _ => {}
        }
    }
    assert_eq!((sent, loads), (5, 5), "blocks sent, loads");
}

#[test]
fn a_peer_that_goes_is_told_with_what_went_over_its_link() {
    let mut have = PieceSet::none(PIECES);
    have.insert(0);
    let (mut engine, mut others) = (engine(have), Others::default());
    let link = others.join(&mut engine, 1, Message::Bitfield(vec![0b0100_0000].into()), NOW);
    others.say(&mut engine, link, &Message::Request(Block { piece: 0, begin: 0, len: BLOCK }), NOW);
    others.work(&mut engine, NOW);
    others.heard(&mut engine, NOW);
    let data = vec![1; BLOCK as usize].into();
    others.say(&mut engine, link, &Message::Piece { piece: 1, begin: 0, data }, NOW);
    // Nobody asked for this one: it counts as well.
    let data = vec![5; 1_000].into();
    others.say(&mut engine, link, &Message::Piece { piece: 5, begin: 0, data }, NOW);
    engine.handle(Input::LinkClosed { link }, NOW);
    others.work(&mut engine, NOW);
    assert_eq!(gone(&others), [(link, u64::from(BLOCK) + 1_000, u64::from(BLOCK), None)]);
    assert!(others.closed.is_empty(), "it closed under us");
}

#[test]
fn every_link_that_opened_is_told_to_be_gone_once_and_before_it_is_to_be_closed() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let identity = Some(Identity([4; 32]));
    let opening = Opening { direction: Direction::Accepted, peer: None, identity, address: None };
    // One before its handshake, one after, one that is banned before it opens.
    open(&mut engine, LinkKey(1), Direction::Dialed, NOW);
    others.join(&mut engine, 2, Message::HaveNone, NOW);
    engine.handle(Input::Command(Command::Ban(Identity([4; 32]))), NOW);
    engine.handle(Input::LinkOpened { link: LinkKey(3), opening }, NOW);
    engine.handle(Input::Command(Command::Close(LinkKey(1))), NOW);
    engine.handle(Input::Command(Command::Close(LinkKey(2))), NOW);
    let mut order = Vec::new();
    while let Some(output) = engine.poll_output() {
        match output {
            Output::Event(Event::PeerGone { link, peer, why, .. }) => order.push((link, peer, why, "gone")),
            Output::Close { link, why } => order.push((link, None, Some(why), "close")),
            _ => {}
        }
    }
    let why = |link| Some(if link == 3 { CloseReason::Banned } else { CloseReason::Asked });
    let expected = [3, 1, 2].map(|link| {
        let peer = (link == 2).then(|| peer_id(2));
        [(LinkKey(link), peer, why(link), "gone"), (LinkKey(link), None, why(link), "close")]
    });
    assert_eq!(order, expected.concat());
}

#[test]
fn a_liar_is_told_to_be_banned_before_it_is_gone() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    let asked = others.heard(&mut engine, NOW);
    for (_, message) in asked {
        if let Message::Request(Block { piece, begin, len }) = message {
            let data = vec![0xee; len as usize].into();
            others.say(&mut engine, link, &Message::Piece { piece, begin, data }, NOW);
        }
    }
    others.drain(&mut engine);
    let hash = others.jobs.pop_front();
    let Some(Job::Hash { job, piece, .. }) = hash else { panic!("{hash:?} is no hash") };
    engine.handle(Input::Hashed { job, digest: Ok([0; 20]) }, NOW);
    others.drain(&mut engine);
    let told: Vec<_> = others.events.iter().map(std::mem::discriminant).collect();
    let event = |event: &Event| told.iter().position(|told| *told == std::mem::discriminant(event));
    let failed = event(&Event::PieceFailed { piece, senders: Vec::new() });
    let banned = event(&Event::PeerBanned { link, peer: peer_id(1), identity: None, piece });
    let gone = event(&Event::PeerGone { link, peer: None, downloaded: 0, uploaded: 0, why: None });
    assert!(failed.is_some() && failed < banned && banned < gone, "{:?}", others.events);
    assert_eq!(others.closed, [(link, CloseReason::BadPiece(piece))]);
}

/// A driver had to find what it had made for hashing by the piece's number and by timing.
#[test]
fn a_store_names_the_hash_of_the_same_data() {
    let (mut engine, mut others) = (engine(PieceSet::none(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveAll, NOW);
    for (_, message) in others.heard(&mut engine, NOW) {
        if let Message::Request(Block { piece, begin, len }) = message {
            let data = vec![piece as u8; len as usize].into();
            others.say(&mut engine, link, &Message::Piece { piece, begin, data }, NOW);
        }
    }
    others.drain(&mut engine);
    let mut hashed = Vec::new();
    while let Some(job) = others.jobs.pop_back() {
        match job {
            Job::Hash { job, piece, data } => {
                assert_eq!(data.concat().len() as u32, engine.info().layout().piece_len(piece.0));
                assert!(data.concat().len() as u32 <= PIECE_LEN);
                let digest = Ok(engine.info().digest(piece.0));
                engine.handle(Input::Hashed { job, digest }, NOW);
                hashed.push((job, piece));
            }
            Job::Store { piece, hashed_by, job, .. } => {
                assert!(hashed.contains(&(hashed_by, piece)), "{piece:?} by {hashed_by:?}");
                assert_ne!(job, hashed_by);
            }
            Job::Load { .. } => panic!("nobody asked for anything"),
        }
        others.drain(&mut engine);
    }
    assert!(!hashed.is_empty());
}

#[test]
fn what_the_machine_said_is_told_as_it_was_and_blames_nobody() {
    let (mut engine, mut others) = (engine(PieceSet::all(PIECES)), Others::default());
    let link = others.join(&mut engine, 1, Message::HaveNone, NOW);
    others.say(&mut engine, link, &Message::Request(Block { piece: 0, begin: 0, len: BLOCK }), NOW);
    others.drain(&mut engine);
    let Some(Job::Load { job, .. }) = others.jobs.pop_front() else { panic!("nothing is loaded") };
    let error = StorageError::new(StorageErrorKind::Gone, "no such file");
    engine.handle(Input::Loaded { job, result: Err(error.clone()) }, NOW);
    others.drain(&mut engine);
    assert!(others.events.contains(&Event::StorageFailed(error)));
    assert_eq!(others.closed, []);
}

#[test]
fn every_reason_to_close_a_link_has_somebody_or_nobody_to_blame() {
    assert_eq!(CloseReason::TooMuch.blame(), Blame::Peer);
    assert_eq!(CloseReason::TimedOut.blame(), Blame::Network);
    assert_eq!(CloseReason::Asked.blame(), Blame::Us);
    assert_eq!(CloseReason::BothComplete.blame(), Blame::Nobody);
}
