//! What each event costs at 16 Ki, 256 Ki and 1 Mi pieces among 1,000 peers. No cost may grow with
//! pieces × peers. Run with `cargo bench -p peer-engine --features internals`.

use std::collections::VecDeque;
use std::hint::black_box;
use std::sync::Arc;

use bytes::{Bytes, BytesMut};
use divan::{Bencher, counter::ItemsCount};
use metainfo::{InfoBuilder, Layout};
use peer_engine::internals::{Availability, Holder, Loads, Picker, Sender};
use peer_engine::{Action, Config, Direction, Engine, Input, Instant, LinkKey, Opening, PiecePolicy, PieceSet};
use wire_protocol::ids::PeerId;
use wire_protocol::peer_wire::{Block, Handshake, Message, Reserved};

const PIECES: [u32; 3] = [16_384, 262_144, 1_048_576];
const PEERS: usize = 1_000;
const BLOCK: u32 = 16_384;

fn main() {
    divan::main();
}

fn random_set(pieces: u32, rng: &mut fastrand::Rng, one_in: u32) -> PieceSet {
    let mut set = PieceSet::none(pieces);
    for piece in 0..pieces {
        if rng.u32(0..one_in) == 0 {
            set.insert(piece);
        }
    }
    set
}

/// A thousand peers with half of the pieces each, out of eight different halves.
fn crowd(pieces: u32) -> (Availability, PieceSet) {
    let mut rng = fastrand::Rng::with_seed(1);
    let halves: Vec<PieceSet> = (0..8).map(|_| random_set(pieces, &mut rng, 2)).collect();
    let mut availability = Availability::new(pieces);
    (0..PEERS).for_each(|peer| availability.add(&halves[peer % 8]));
    (availability, halves[0].clone())
}

#[divan::bench(args = PIECES)]
fn have(bencher: Bencher, pieces: u32) {
    let (mut availability, _) = crowd(pieces);
    let mut rng = fastrand::Rng::with_seed(2);
    let random: Vec<u32> = (0..1_000).map(|_| rng.u32(0..pieces)).collect();
    bencher.counter(ItemsCount::new(1_000u32)).bench_local(|| {
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

struct Nobody;

impl Loads for Nobody {
    fn wait_ms(&self, _: LinkKey) -> u64 {
        0
    }
    fn rate(&self, _: LinkKey) -> u64 {
        1
    }
    fn shortest_wait_ms(&self, _: u32) -> Option<u64> {
        None
    }
}

fn picker(pieces: u32, have: PieceSet) -> (Picker, PieceSet) {
    // One block to a piece: every pick is a new piece.
    let layout = Layout::new(u64::from(pieces) * u64::from(BLOCK), u64::from(BLOCK)).expect("sound figures");
    let mut picker = Picker::new(layout, have, PiecePolicy::RarestFirst, fastrand::Rng::with_seed(3));
    let (availability, half) = crowd(pieces);
    picker.availability = availability;
    (picker, half)
}

fn pick(picker: &mut Picker, pieces: &PieceSet) -> Option<Block> {
    let (mut suggested, mut current) = (VecDeque::new(), None);
    let holder = Holder {
        link: LinkKey(1),
        pieces,
        suggested: &mut suggested,
        on_parole: false,
        wait_ms: 0,
        is_idle: false,
        may_begin: true,
    };
    picker.pick(holder, &mut current, &Nobody, Instant(0))
}

/// The random-first pieces are behind us, nearly all are open.
fn a_few(pieces: u32) -> PieceSet {
    let mut have = PieceSet::none(pieces);
    (0..8).for_each(|piece| {
        have.insert(piece * 1_000);
    });
    have
}

#[divan::bench(args = PIECES)]
fn pick_from_a_peer_with_half(bencher: Bencher, pieces: u32) {
    let (mut picker, half) = picker(pieces, a_few(pieces));
    bencher.bench_local(|| {
        let block = pick(&mut picker, &half).expect("half of the pieces are open");
        picker.release(LinkKey(1), &block);
        picker.reset_for_benches(block.piece);
    });
}

#[divan::bench(args = PIECES)]
fn pick_from_a_peer_with_one_piece_in_a_thousand(bencher: Bencher, pieces: u32) {
    let (mut picker, _) = picker(pieces, a_few(pieces));
    let few = random_set(pieces, &mut fastrand::Rng::with_seed(4), 1_000);
    bencher.bench_local(|| {
        let block = pick(&mut picker, &few).expect("some are open");
        picker.release(LinkKey(1), &block);
        picker.reset_for_benches(block.piece);
    });
}

#[divan::bench(args = [1u32, 16, 256, 1_024])]
fn block_received(bencher: Bencher, blocks_per_piece: u32) {
    let piece_len = u64::from(BLOCK * blocks_per_piece);
    let layout = Layout::new(piece_len * 64, piece_len).expect("sound figures");
    let data = Bytes::from_static(&[0; BLOCK as usize]);
    let sender = Sender { link: LinkKey(1), peer: PeerId([1; 20]), member: None };
    let all = PieceSet::all(64);
    bencher
        .with_inputs(|| {
            let mut picker = Picker::new(layout, PieceSet::none(64), PiecePolicy::Random, fastrand::Rng::with_seed(3));
            let (mut suggested, mut current) = (VecDeque::new(), None);
            let mut blocks = Vec::new();
            for _ in 0..1_024.min(64 * blocks_per_piece) {
                let holder = Holder {
                    link: LinkKey(1),
                    pieces: &all,
                    suggested: &mut suggested,
                    on_parole: false,
                    wait_ms: 0,
                    is_idle: false,
                    may_begin: true,
                };
                blocks.extend(picker.pick(holder, &mut current, &Nobody, Instant(0)));
            }
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

/// The whole engine: a piece is stored with 1,000 peers connected.
#[divan::bench]
fn verified_piece_among_a_thousand_peers(bencher: Bencher) {
    bencher.with_inputs(engine_with_a_stored_piece).bench_local_values(|(mut engine, stored)| {
        engine.handle(stored, Instant(1_000));
        engine
    });
}

fn engine_with_a_stored_piece() -> (Engine, Input) {
    let mut builder = InfoBuilder::new("bench", 16_384 * u64::from(BLOCK), Some(BLOCK)).expect("sound figures");
    (0..16_384).for_each(|piece| builder.set_digest(piece, [0; 20]));
    let info = Arc::new(builder.finish().expect("every digest is set"));
    let info_hash = info.info_hash();
    let have = PieceSet::none(16_384);
    let mut engine = Engine::new(Config::native("bench"), info, have, PeerId([1; 20]), 1, Instant(0));
    for peer in 0..PEERS as u64 {
        let link = LinkKey(peer);
        let opening = Opening { direction: Direction::Accepted, peer: None, member: None };
        engine.handle(Input::LinkOpened { link, opening }, Instant(0));
        let mut id = [2; 20];
        id[..8].copy_from_slice(&peer.to_be_bytes());
        let reserved = Reserved { fast: true, extensions: false };
        let handshake = Handshake { reserved, info_hash, peer_id: PeerId(id) };
        let mut bytes = BytesMut::from(&handshake.encode()[..]);
        Message::HaveAll.encode(&mut bytes);
        Message::Unchoke.encode(&mut bytes);
        engine.handle(Input::Received { link, bytes: bytes.freeze() }, Instant(0));
    }
    let mut out = Vec::new();
    engine.poll_transmit(LinkKey(0), 1 << 20, &mut out, Instant(0));
    let written = out.concat();
    let request = written.windows(5).position(|window| window == [0, 0, 0, 13, 6]).expect("it asks for blocks");
    let piece = u32::from_be_bytes(written[request + 5..request + 9].try_into().expect("four bytes"));
    let mut bytes = BytesMut::new();
    let data = Bytes::from_static(&[0; BLOCK as usize]);
    Message::Piece { piece, begin: 0, data }.encode(&mut bytes);
    engine.handle(Input::Received { link: LinkKey(0), bytes: bytes.freeze() }, Instant(0));
    let mut stored = None;
    while let Some(action) = engine.poll_action() {
        match action {
            Action::Hash { job, .. } => engine.handle(Input::Hashed { job, digest: Ok([0; 20]) }, Instant(0)),
            Action::Store { job, .. } => stored = Some(Input::Stored { job, result: Ok(()) }),
            _ => {}
        }
    }
    (engine, stored.expect("the piece goes to be stored"))
}
