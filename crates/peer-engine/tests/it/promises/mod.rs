//! What the engine promises among peers that keep to the protocol, whatever they do and however late and in
//! whatever order the machine answers:
//!
//! - no block is asked of two peers before every missing block is asked of somebody;
//! - no more is asked for than the budget and each peer allow;
//! - it completes, or says what is missing: the storage, or pieces that nobody has.

mod world;

use std::collections::BTreeSet;

use peer_engine::{Input, PiecePolicy};
use peer_wire::Block;
use proptest::prelude::*;

use crate::support::{PIECES, torrent};
use world::{BLOCK, BUDGET_BLOCKS, World};

/// At the end the driver may sleep so often with nothing under way, a second at most each time.
const SLEEPS_MAX: u32 = 10;

/// `slot` and `which` count through what there is.
#[derive(Debug, Clone)]
enum Operation {
    Join { pieces: u8, fast: bool, queue_max: u32 },
    Leave { slot: usize },
    Have { slot: usize, piece: u32 },
    Choke { slot: usize },
    Unchoke { slot: usize },
    Serve { slot: usize, which: usize },
    Reject { slot: usize, which: usize },
    Answer { which: usize },
    Pass { ms: u64 },
}

fn operation() -> impl Strategy<Value = Operation> {
    let (slot, which) = (0usize..8, 0usize..16);
    prop_oneof![
        4 => (any::<u8>(), any::<bool>(), 1u32..6)
            .prop_map(|(pieces, fast, queue_max)| Operation::Join { pieces, fast, queue_max }),
        1 => slot.clone().prop_map(|slot| Operation::Leave { slot }),
        2 => (slot.clone(), 0..PIECES).prop_map(|(slot, piece)| Operation::Have { slot, piece }),
        1 => slot.clone().prop_map(|slot| Operation::Choke { slot }),
        2 => slot.clone().prop_map(|slot| Operation::Unchoke { slot }),
        12 => (slot.clone(), which.clone()).prop_map(|(slot, which)| Operation::Serve { slot, which }),
        1 => (slot, which.clone()).prop_map(|(slot, which)| Operation::Reject { slot, which }),
        6 => which.prop_map(|which| Operation::Answer { which }),
        2 => (1u64..100).prop_map(|ms| Operation::Pass { ms }),
    ]
}

impl World {
    fn check(&mut self) {
        self.engine.check();
        let asked: Vec<Block> = self.remotes.iter().flat_map(|remote| remote.asked.iter().copied()).collect();
        let bytes: u64 = asked.iter().map(|block| u64::from(block.len)).sum();
        assert!(bytes <= BUDGET_BLOCKS * BLOCK, "{bytes} bytes are asked for");
        for remote in &self.remotes {
            assert!(remote.asked.len() <= remote.queue_max as usize, "{:?} of {}", remote.asked, remote.queue_max);
        }
        let times = |block: &Block| asked.iter().filter(|other| *other == block).count();
        let asked_twice: BTreeSet<Block> = asked.iter().copied().filter(|block| times(block) > 1).collect();
        for block in &asked_twice {
            assert!(times(block) == 2, "{block:?} is asked of {} peers", times(block));
            let is_new = !self.asked_twice.contains(block);
            assert!(!is_new || self.is_endgame(&asked), "{block:?} is asked of two peers before endgame");
        }
        self.asked_twice = asked_twice;
    }

    /// Every block that is missing is asked of somebody.
    fn is_endgame(&self, asked: &[Block]) -> bool {
        let layout = *torrent().layout();
        let mut blocks = (0..PIECES).flat_map(|piece| (0..layout.blocks(piece)).map(move |index| (piece, index)));
        blocks.all(|(piece, index)| {
            self.came[piece as usize][index as usize] || asked.contains(&layout.block(piece, index))
        })
    }

    /// Everybody who is there unchokes and serves, every job is answered: nothing may be left over that could
    /// be had.
    fn finish(&mut self) {
        (0..self.remotes.len()).for_each(|at| self.unchoke(at));
        let mut sleeps = 0;
        for _ in 0..2_000 {
            self.settle();
            self.check();
            let asked = self.remotes.iter().position(|remote| !remote.asked.is_empty());
            let which = self.rng.usize(..64);
            if !self.jobs.is_empty() && (asked.is_none() || self.rng.bool()) {
                self.answer(which);
            } else if let Some(at) = asked {
                self.serve(at, which);
            } else if let Some(at) = self.engine.poll_timeout().filter(|_| sleeps < SLEEPS_MAX) {
                sleeps += 1;
                self.now = at.max(self.now);
                self.engine.handle(Input::Tick, self.now);
            } else {
                break;
            }
        }
        self.settle();
        assert!(self.jobs.is_empty() && self.remotes.iter().all(|remote| remote.asked.is_empty()), "it never ends");
        let have = self.engine.have();
        let lost: Vec<u32> = (0..PIECES)
            .filter(|piece| !have.contains(*piece))
            .filter(|piece| !self.remotes.iter().any(|remote| remote.pieces.contains(*piece)))
            .collect();
        let stats = self.engine.stats();
        assert_eq!(self.engine.is_complete(), have.is_full());
        if !self.storage_failed {
            assert_eq!(stats.pieces_unavailable as usize, lost.len(), "it knows what nobody has");
            assert_eq!(have.count() as usize + lost.len(), PIECES as usize, "{stats:?} {:#?}", self.engine.peers());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn promises_are_kept_in_any_history(
        operations in prop::collection::vec(operation(), 1..200),
        policy in prop::sample::select(PiecePolicy::NAMES.map(|(_, policy)| policy).to_vec()),
        fails_one_in in prop::sample::select(vec![0u32, 0, 0, 20]),
        seed in any::<u64>(),
    ) {
        let mut world = World::new(policy, fails_one_in, seed);
        operations.into_iter().for_each(|operation| world.apply(operation));
        world.finish();
    }
}
