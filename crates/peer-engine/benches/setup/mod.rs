//! A picker among a thousand peers, for the benches on both machines.

use std::collections::VecDeque;

use metainfo::Layout;
use peer_engine::internals::{Availability, Holder, Picker, Waits};
use peer_engine::{LinkKey, PiecePolicy, PieceSet, Timestamp};
use peer_wire::Block;

/// Sizes of torrents.
pub const PIECES: [u32; 3] = [16_384, 262_144, 1_048_576];
/// Who has pieces.
pub const PEERS: usize = 1_000;
/// Bytes.
pub const BLOCK: u32 = 16_384;

/// One piece in `one_in`, at random.
pub fn random_set(pieces: u32, rng: &mut fastrand::Rng, one_in: u32) -> PieceSet {
    let mut set = PieceSet::none(pieces);
    for piece in 0..pieces {
        if rng.u32(0..one_in) == 0 {
            set.insert(piece);
        }
    }
    set
}

/// A thousand peers with half of the pieces each, out of eight different halves, and one of these.
pub fn crowd(pieces: u32) -> (Availability, PieceSet) {
    let mut rng = fastrand::Rng::with_seed(1);
    let halves: Vec<PieceSet> = (0..8).map(|_| random_set(pieces, &mut rng, 2)).collect();
    let mut availability = Availability::new(pieces);
    (0..PEERS).for_each(|peer| availability.add(&halves[peer % 8]));
    (availability, halves[0].clone())
}

/// A thousand pieces that get one more holder.
pub fn some_pieces(pieces: u32) -> Vec<u32> {
    let mut rng = fastrand::Rng::with_seed(2);
    (0..1_000).map(|_| rng.u32(0..pieces)).collect()
}

/// A picker in the midst of a download, and a peer with half of the pieces. One block to a piece: every pick
/// is a new piece.
pub fn picker(pieces: u32) -> (Picker, PieceSet) {
    let layout = Layout::new(u64::from(pieces) * u64::from(BLOCK), u64::from(BLOCK)).expect("sound figures");
    let have = a_few(pieces);
    let mut picker = Picker::new(layout, have, PiecePolicy::RarestFirst, fastrand::Rng::with_seed(3));
    let (availability, half) = crowd(pieces);
    picker.availability = availability;
    (picker, half)
}

/// The random-first pieces are behind us, nearly all are open.
fn a_few(pieces: u32) -> PieceSet {
    let mut have = PieceSet::none(pieces);
    (0..8).for_each(|piece| {
        have.insert(piece * 1_000);
    });
    have
}

/// A peer with one piece in a thousand.
pub fn poor_peer(pieces: u32) -> PieceSet {
    random_set(pieces, &mut fastrand::Rng::with_seed(4), 1_000)
}

/// Picks a piece and puts it back.
pub fn pick_and_put_back(picker: &mut Picker, pieces: &PieceSet) {
    let block = pick(picker, pieces, &mut None).expect("some are open");
    picker.release(LinkKey(1), &block);
    picker.reset_for_benches(block.piece);
}

/// The next block for a peer with these pieces that fills `current`.
pub fn pick(picker: &mut Picker, pieces: &PieceSet, current: &mut Option<u32>) -> Option<Block> {
    let holder = Holder {
        link: LinkKey(1),
        pieces,
        suggested: &mut VecDeque::new(),
        on_parole: false,
        wait_ms: 0,
        is_idle: false,
        may_begin: true,
    };
    picker.pick(holder, current, &Nobody, Timestamp(0))
}

struct Nobody;

impl Waits for Nobody {
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
