//! What each event costs at 16 Ki, 256 Ki and 1 Mi pieces among 1,000 peers. No cost may grow with
//! pieces × peers. Run with `cargo xtask bench --engine`.

mod setup;

use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use divan::{Bencher, counter::ItemsCount};
use metainfo::{Info, InfoBuilder, Layout};
use peer_engine::internals::{Picker, Sender};
use peer_engine::{Config, Direction, Engine, Input, Job, LinkKey, Opening, Output, PiecePolicy, PieceSet, Timestamp};
use peer_wire::PeerId;
use peer_wire::{Block, Decoder, Handshake, Message, Reserved};
use setup::{BLOCK, PEERS, PIECES, crowd, pick, pick_and_put_back, picker, poor_peer, some_pieces};

fn main() {
    divan::main();
}

#[divan::bench(args = PIECES)]
fn have(bencher: Bencher, pieces: u32) {
    let (mut availability, _) = crowd(pieces);
    let random = some_pieces(pieces);
    bencher.counter(ItemsCount::new(random.len())).bench_local(|| {
        for piece in &random {
            availability.add_piece(black_box(*piece));
        }
    });
}

#[divan::bench(args = PIECES)]
fn partial_bitfield_joins_and_leaves(bencher: Bencher, pieces: u32) {
    let (mut availability, half) = crowd(pieces);
    bencher.bench_local(|| {
        availability.add(black_box(&half));
        availability.remove(black_box(&half));
    });
}

#[divan::bench(args = PIECES)]
fn pick_from_a_peer_with_half(bencher: Bencher, pieces: u32) {
    let (mut picker, half) = picker(pieces);
    bencher.bench_local(|| pick_and_put_back(&mut picker, &half));
}

#[divan::bench(args = PIECES)]
fn pick_from_a_peer_with_one_piece_in_a_thousand(bencher: Bencher, pieces: u32) {
    let (mut picker, _) = picker(pieces);
    let few = poor_peer(pieces);
    bencher.bench_local(|| pick_and_put_back(&mut picker, &few));
}

#[divan::bench(args = [1u32, 16, 256, 1_024])]
fn block_received(bencher: Bencher, blocks_per_piece: u32) {
    let piece_len = u64::from(BLOCK * blocks_per_piece);
    let layout = Layout::new(piece_len * 64, piece_len).expect("sound figures");
    let data = Bytes::from_static(&[0; BLOCK as usize]);
    let sender = Sender { link: LinkKey(1), peer: PeerId([1; 20]), identity: None };
    let all = PieceSet::all(64);
    bencher
        .with_inputs(|| {
            let mut picker = Picker::new(layout, PieceSet::none(64), PiecePolicy::Random, fastrand::Rng::with_seed(3));
            let mut current = None;
            let blocks = (0..1_024.min(64 * blocks_per_piece)).filter_map(|_| pick(&mut picker, &all, &mut current));
            let blocks: Vec<Block> = blocks.collect();
            (picker, blocks)
        })
        .input_counter(|(_, blocks)| ItemsCount::new(blocks.len()))
        .bench_local_values(|(mut picker, blocks)| {
            for block in &blocks {
                black_box(picker.receive(block, data.clone(), sender));
            }
            picker
        });
}

/// The whole engine: a piece is stored with 1,000 peers connected. They are told later.
#[divan::bench]
fn verified_piece_among_a_thousand_peers(bencher: Bencher) {
    bencher.with_inputs(|| leecher_among(1)).bench_local_values(|(mut engine, stored)| {
        stored.into_iter().for_each(|input| engine.handle(input, Timestamp(1_000)));
        engine
    });
}

/// The same until the `have` is written to every peer, when so many pieces come within the time after which
/// peers are told.
#[divan::bench(args = [1usize, 4, 16, 64])]
fn verified_piece_told_to_a_thousand_peers(bencher: Bencher, pieces: usize) {
    let mut out: Vec<Bytes> = Vec::with_capacity(2 * PEERS);
    bencher.counter(ItemsCount::new(pieces)).with_inputs(|| leecher_among(pieces)).bench_local_values(
        |(mut engine, stored)| {
            let now = Timestamp(1_000);
            stored.into_iter().for_each(|input| engine.handle(input, now));
            engine.handle(Input::Tick, now + Duration::from_millis(150));
            out.clear();
            write_all(&mut engine, now + Duration::from_millis(150), &mut out);
            let written: usize = out.iter().map(Bytes::len).sum();
            assert!(written >= PEERS * pieces * 9, "{written} bytes are not everybody's haves");
            engine
        },
    );
}

/// As a driver does that has room on every link.
fn write_all(engine: &mut Engine, now: Timestamp, out: &mut Vec<Bytes>) {
    while let Some(output) = engine.poll_output() {
        if let Output::Transmit(link) = output {
            while engine.transmit(link, 64 << 10, out, now) > 0 {}
        }
    }
}

/// A leecher with one seeder and 999 other leechers, and so many pieces that are just stored.
fn leecher_among(pieces: usize) -> (Engine, Vec<Input>) {
    let mut builder = InfoBuilder::new("bench", 16_384 * u64::from(BLOCK), Some(BLOCK)).expect("sound figures");
    (0..16_384).for_each(|piece| builder.set_digest(piece, [0; 20]));
    let info = Arc::new(builder.finish().expect("every digest is set"));
    let none = PieceSet::none(16_384);
    let mut config = Config::new("bench");
    (config.request_pipeline, config.links_max) = (Some(pieces as u32), 2_000);
    let mut engine = Engine::new(config, info.clone(), none, PeerId([1; 20]), 1, Timestamp(0));
    let mut out = Vec::new();
    // The seeder last, so that what is written last is for it.
    for peer in (0..PEERS as u64).rev() {
        greet(&mut engine, &info, LinkKey(peer), peer == 0);
        out.clear();
        write_all(&mut engine, Timestamp(0), &mut out);
    }
    let mut decoder = Decoder::new(16_384);
    decoder.push(out.concat().into());
    decoder.next_handshake().expect("a sound handshake").expect("a whole one");
    while let Some(message) = decoder.next_message().expect("sound messages") {
        if let Message::Request(Block { piece, begin, .. }) = message {
            let data = Bytes::from_static(&[0; BLOCK as usize]);
            say(&mut engine, LinkKey(0), &[Message::Piece { piece, begin, data }]);
            if engine.stats().downloaded == pieces as u64 * u64::from(BLOCK) {
                break;
            }
        }
    }
    let stored = verify(&mut engine);
    assert_eq!(stored.len(), pieces);
    (engine, stored)
}

fn greet(engine: &mut Engine, info: &Info, link: LinkKey, is_seeder: bool) {
    let opening = Opening { direction: Direction::Accepted, peer: None, identity: None, address: None };
    engine.handle(Input::LinkOpened { link, opening }, Timestamp(0));
    let mut id = [2; 20];
    id[..8].copy_from_slice(&link.0.to_be_bytes());
    let reserved = Reserved { fast: true, extensions: false };
    let handshake = Handshake { reserved, info_hash: info.info_hash(), peer_id: PeerId(id) };
    let bytes = Bytes::copy_from_slice(&handshake.encode());
    engine.handle(Input::Received { link, bytes }, Timestamp(0));
    match is_seeder {
        true => say(engine, link, &[Message::HaveAll, Message::Unchoke]),
        false => say(engine, link, &[Message::HaveNone]),
    }
}

fn say(engine: &mut Engine, link: LinkKey, messages: &[Message]) {
    let mut bytes = BytesMut::new();
    messages.iter().for_each(|message| message.encode(&mut bytes));
    engine.handle(Input::Received { link, bytes: bytes.freeze() }, Timestamp(0));
}

/// Hashes what is complete; returns the answers to what is to be stored.
fn verify(engine: &mut Engine) -> Vec<Input> {
    let mut stored = Vec::new();
    while let Some(output) = engine.poll_output() {
        match output {
            Output::Storage(Job::Hash { job, .. }) => {
                engine.handle(Input::Hashed { job, digest: Ok([0; 20]) }, Timestamp(0));
            }
            Output::Storage(Job::Store { job, .. }) => stored.push(Input::Stored { job, result: Ok(()) }),
            Output::Transmit(link) => while engine.transmit(link, 64 << 10, &mut Vec::new(), Timestamp(0)) > 0 {},
            _ => {}
        }
    }
    stored
}
