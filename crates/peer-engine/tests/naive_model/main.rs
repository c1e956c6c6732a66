//! Whatever happens to it, the picker counts as a naive model counts, and chooses only what the model allows: no
//! block is asked of two peers before endgame, and the rarest comes first.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod model;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use bytes::Bytes;
use metainfo::Layout;
use model::{Asking, Model, Peer, State, wait_ms};
use peer_engine::internals::{Holder, Picker, Sender, Waits};
use peer_engine::{LinkKey, PiecePolicy, PieceSet, Timestamp};
use peer_wire::Block;
use peer_wire::PeerId;
use proptest::prelude::*;

const BLOCK: u64 = 16_384;
const PEERS_MAX: usize = 6;
const POLICIES: [PiecePolicy; 2] = [PiecePolicy::RarestFirst, PiecePolicy::Random];

/// `slot` counts through what there is.
#[derive(Debug, Clone)]
enum Operation {
    Join { pieces: u64, is_seeder: bool },
    Leave { slot: usize },
    Have { slot: usize, piece: u32 },
    Suggest { slot: usize, piece: u32 },
    Pick { slot: usize, times: usize, on_parole: bool, may_begin: bool },
    Receive { slot: usize, which: usize, times: usize },
    Reject { slot: usize, which: usize },
    Choke { slot: usize },
    Verify { slot: usize, is_right: bool },
    Liar { slot: usize },
    DropAnOrphan,
    Policy(PiecePolicy),
    Want { pieces: u64, share: u32 },
    Gain { piece: u32 },
    Lose { piece: u32 },
}

fn operation() -> impl Strategy<Value = Operation> {
    use Operation::*;
    let slot = 0usize..32;
    prop_oneof![
        3 => (any::<u64>(), prop::bool::weighted(0.3)).prop_map(|(pieces, is_seeder)| Join { pieces, is_seeder }),
        1 => slot.clone().prop_map(|slot| Leave { slot }),
        4 => (slot.clone(), any::<u32>()).prop_map(|(slot, piece)| Have { slot, piece }),
        1 => (slot.clone(), any::<u32>()).prop_map(|(slot, piece)| Suggest { slot, piece }),
        12 => (slot.clone(), 1usize..12, prop::bool::weighted(0.1), prop::bool::weighted(0.9))
            .prop_map(|(slot, times, on_parole, may_begin)| Pick { slot, times, on_parole, may_begin }),
        12 => (slot.clone(), 0usize..32, 1usize..12).prop_map(|(slot, which, times)| Receive { slot, which, times }),
        2 => (slot.clone(), 0usize..32).prop_map(|(slot, which)| Reject { slot, which }),
        1 => slot.clone().prop_map(|slot| Choke { slot }),
        8 => (slot.clone(), prop::bool::weighted(0.8)).prop_map(|(slot, is_right)| Verify { slot, is_right }),
        1 => slot.prop_map(|slot| Liar { slot }),
        1 => Just(DropAnOrphan),
        1 => prop::sample::select(POLICIES.to_vec()).prop_map(Policy),
        1 => (any::<u64>(), 0u32..=4).prop_map(|(pieces, share)| Want { pieces, share }),
        1 => any::<u32>().prop_map(|piece| Gain { piece }),
        1 => any::<u32>().prop_map(|piece| Lose { piece }),
    ]
}

struct NoWaits;

impl Waits for NoWaits {
    fn wait_ms(&self, link: LinkKey) -> u64 {
        wait_ms(link)
    }
    fn rate(&self, _: LinkKey) -> u64 {
        1
    }
    fn shortest_wait_ms(&self, _: u32) -> Option<u64> {
        None
    }
}

/// The picker and the model side by side.
struct Pair {
    picker: Picker,
    model: Model,
    next_link: u64,
    current: BTreeMap<LinkKey, Option<u32>>,
    suggested: BTreeMap<LinkKey, VecDeque<u32>>,
}

impl Pair {
    fn new(layout: Layout, policy: PiecePolicy, seed: u64) -> Self {
        let none = PieceSet::none(layout.pieces());
        Self {
            picker: Picker::new(layout, none, policy, fastrand::Rng::with_seed(seed)),
            model: Model::new(layout, policy),
            next_link: 0,
            current: BTreeMap::new(),
            suggested: BTreeMap::new(),
        }
    }

    fn link(&self, slot: usize) -> Option<LinkKey> {
        self.model.peers.keys().copied().nth(slot.checked_rem(self.model.peers.len())?)
    }

    fn apply(&mut self, operation: Operation) {
        match operation {
            Operation::Join { pieces, is_seeder } => self.join(pieces, is_seeder),
            Operation::DropAnOrphan => self.drop_an_orphan(),
            Operation::Verify { slot, is_right } => self.verify(slot, is_right),
            Operation::Policy(policy) => {
                self.picker.set_policy(policy);
                self.model.policy = policy;
            }
            Operation::Want { pieces, share } => {
                let wanted = random_pieces(self.model.layout.pieces(), pieces, share);
                self.picker.set_wanted(set(&wanted));
                self.model.set_wanted(wanted);
            }
            Operation::Gain { piece } => self.move_piece(piece, |state| matches!(state, State::Open), State::Have),
            Operation::Lose { piece } => self.move_piece(piece, |state| matches!(state, State::Have), State::Open),
            Operation::Leave { slot }
            | Operation::Have { slot, .. }
            | Operation::Suggest { slot, .. }
            | Operation::Pick { slot, .. }
            | Operation::Receive { slot, .. }
            | Operation::Reject { slot, .. }
            | Operation::Choke { slot }
            | Operation::Liar { slot } => {
                if let Some(link) = self.link(slot) {
                    self.apply_to(link, operation);
                }
            }
        }
        self.compare();
    }

    fn apply_to(&mut self, link: LinkKey, operation: Operation) {
        match operation {
            Operation::Leave { .. } => self.leave(link),
            Operation::Have { piece, .. } => self.have(link, piece % self.model.layout.pieces()),
            Operation::Suggest { piece, .. } => {
                self.suggested.entry(link).or_default().push_back(piece % self.model.layout.pieces());
            }
            Operation::Pick { times, on_parole, may_begin, .. } => {
                let asking = Asking { link, on_parole, may_begin };
                (0..times).for_each(|_| self.pick(asking));
            }
            Operation::Receive { which, times, .. } => (0..times).for_each(|_| self.receive(link, which)),
            Operation::Reject { which, .. } => {
                if let Some(block) = self.asked(link, which) {
                    self.release(link, block);
                }
            }
            Operation::Choke { .. } => self.choke(link),
            Operation::Liar { .. } => {
                let dropped = self.picker.drop_received(|sender| sender.link == link);
                assert_eq!(dropped, self.model.on_liar(link));
            }
            _ => unreachable!("concerns no peer"),
        }
    }

    fn join(&mut self, seed: u64, is_seeder: bool) {
        if self.model.peers.len() == PEERS_MAX {
            return;
        }
        let pieces = self.model.layout.pieces();
        let share = if is_seeder { 4 } else { (seed % 5) as u32 };
        let pieces = random_pieces(pieces, seed, share);
        match is_seeder {
            true => self.picker.availability.add_seeder(),
            false => self.picker.availability.add(&set(&pieces)),
        }
        self.model.peers.insert(LinkKey(self.next_link), Peer { pieces, is_seeder, asked: Vec::new() });
        self.next_link += 1;
    }

    fn leave(&mut self, link: LinkKey) {
        self.choke(link);
        self.picker.abandon_all(link);
        for piece in 0..self.model.layout.pieces() {
            self.model.on_abandoned(link, piece);
        }
        let peer = self.model.peers.remove(&link).unwrap();
        match peer.is_seeder {
            true => self.picker.availability.remove_seeder(),
            false => self.picker.availability.remove(&set(&peer.pieces)),
        }
    }

    fn have(&mut self, link: LinkKey, piece: u32) {
        if !std::mem::replace(&mut self.model.peer_mut(link).pieces[piece as usize], true) {
            self.picker.availability.add_piece(piece);
        }
    }

    fn pick(&mut self, asking: Asking) {
        let Asking { link, on_parole, may_begin } = asking;
        let current = self.current.entry(link).or_default();
        let suggested = self.suggested.entry(link).or_default();
        let legal = self.model.legal(asking, *current, suggested.make_contiguous());
        let peer = &self.model.peers[&link];
        let holder = Holder {
            link,
            pieces: &set(&peer.pieces),
            suggested,
            on_parole,
            wait_ms: wait_ms(link),
            is_idle: peer.asked.is_empty(),
            may_begin,
        };
        match self.picker.pick(holder, current, &NoWaits, Timestamp(0)) {
            Some(block) => {
                assert!(legal.contains(&block), "{block:?} for {asking:?}, which may be asked for {legal:?}");
                self.model.on_picked(asking, block);
            }
            None => assert!(legal.is_empty(), "nothing for {asking:?}, which may be asked for {legal:?}"),
        }
    }

    fn asked(&self, link: LinkKey, which: usize) -> Option<Block> {
        let asked = &self.model.peers[&link].asked;
        asked.get(which.checked_rem(asked.len())?).copied()
    }

    fn receive(&mut self, link: LinkKey, which: usize) {
        let Some(block) = self.asked(link, which) else {
            return;
        };
        let data = Bytes::from(vec![0; block.len as usize]);
        let received = self.picker.receive(&block, data, sender(link)).expect("it was asked for");
        let (others, is_last) = self.model.on_received(link, block);
        assert_eq!((received.cancel, received.completes_piece), (others, is_last));
        if is_last {
            let complete = self.picker.take_complete(block.piece).expect("it has all its blocks");
            let senders: BTreeSet<LinkKey> = complete.blocks().map(|(_, sender)| sender.link).collect();
            let begun = self.model.begun(block.piece).unwrap();
            let from = begun.slots.iter().map(|slot| match slot {
                model::Slot::From(link) => *link,
                slot => panic!("{slot:?} in a complete piece"),
            });
            assert_eq!(senders, from.collect());
            self.model.states[block.piece as usize] = State::Verifying;
        }
    }

    fn release(&mut self, link: LinkKey, block: Block) {
        self.picker.release(link, &block);
        self.model.on_released(link, block);
    }

    fn choke(&mut self, link: LinkKey) {
        while let Some(block) = self.asked(link, 0) {
            self.release(link, block);
        }
        if let Some(piece) = self.current.entry(link).or_default().take() {
            self.picker.abandon(link, piece);
            self.model.on_abandoned(link, piece);
        }
    }

    fn verify(&mut self, slot: usize, is_right: bool) {
        let verifying = self.model.pieces_with(|state| matches!(state, State::Verifying));
        let Some(piece) = slot.checked_rem(verifying.len()).map(|at| verifying[at]) else {
            return;
        };
        if is_right {
            self.picker.on_stored(piece);
            self.model.suspects.remove(&piece);
            self.model.states[piece as usize] = State::Have;
        } else {
            let several = slot.is_multiple_of(2);
            self.picker.on_failed(piece, several);
            self.model.suspects.extend(several.then_some(piece));
            self.model.reset(piece);
        }
    }

    /// A piece comes or goes from outside, if it is in the state for it.
    fn move_piece(&mut self, piece: u32, may: impl Fn(&State) -> bool, to: State) {
        let piece = piece % self.model.layout.pieces();
        let is_gained = matches!(to, State::Have);
        let may = may(&self.model.states[piece as usize]);
        assert_eq!(if is_gained { self.picker.gain(piece) } else { self.picker.lose(piece) }, may);
        if may {
            self.model.suspects.remove(&piece);
            self.model.states[piece as usize] = to;
        }
    }

    /// One with the least in it.
    fn drop_an_orphan(&mut self) {
        let orphans = self.model.orphans();
        let least = orphans.iter().map(|piece| self.model.bytes_received(*piece)).min();
        assert_eq!(self.picker.reset_an_orphan(), least.is_some());
        let dropped: Vec<u32> = orphans.into_iter().filter(|piece| !self.picker.is_begun(*piece)).collect();
        assert_eq!(dropped.len(), usize::from(least.is_some()));
        for piece in dropped {
            assert_eq!(Some(self.model.bytes_received(piece)), least);
            self.model.reset(piece);
        }
    }

    fn compare(&self) {
        self.picker.check();
        for piece in 0..self.model.layout.pieces() {
            assert_eq!(self.picker.availability.count(piece), self.model.availability(piece), "holders of {piece}");
            assert_eq!(self.picker.is_open(piece), self.model.is_open(piece), "piece {piece}");
        }
        let have = self.model.pieces_with(|state| matches!(state, State::Have));
        assert_eq!(self.picker.have().iter().collect::<Vec<_>>(), have);
        assert_eq!(self.picker.bytes_partial(), self.model.bytes_partial());
        let mut requests = self.picker.requests();
        requests.sort();
        assert_eq!(requests, self.model.requests());
    }
}

/// About so many quarters of them.
fn random_pieces(pieces: u32, seed: u64, quarters: u32) -> Vec<bool> {
    let mut rng = fastrand::Rng::with_seed(seed);
    (0..pieces).map(|_| rng.u32(0..4) < quarters).collect()
}

fn set(pieces: &[bool]) -> PieceSet {
    let mut set = PieceSet::none(pieces.len() as u32);
    (0..).zip(pieces).filter(|(_, has)| **has).for_each(|(piece, _)| {
        set.insert(piece);
    });
    set
}

fn sender(link: LinkKey) -> Sender {
    Sender { link, peer: PeerId([link.0 as u8; 20]), identity: None }
}

/// A torrent of so many pieces of so many blocks, the last of each a little shorter.
fn layout(pieces: u32, blocks: u32) -> Layout {
    let piece_len = u64::from(blocks) * BLOCK;
    Layout::new(u64::from(pieces) * piece_len - 1_000, piece_len).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Twelve pieces are soon fetched, so that endgame is reached.
    #[test]
    fn the_picker_equals_a_naive_model_after_any_history(
        operations in prop::collection::vec(operation(), 1..300),
        blocks in prop::sample::select(vec![1u32, 4]),
        pieces in prop::sample::select(vec![12u32, 70]),
        policy in prop::sample::select(POLICIES.to_vec()),
        seed in any::<u64>(),
    ) {
        let mut pair = Pair::new(layout(pieces, blocks), policy, seed);
        operations.into_iter().for_each(|operation| pair.apply(operation));
    }
}
