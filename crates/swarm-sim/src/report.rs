//! What came of a run, as it happened.

use std::collections::BTreeMap;

use peer_engine::Timestamp;

/// A node proved another to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ban {
    /// Whose engine it was.
    pub at: usize,
    /// Who was banned.
    pub who: usize,
    /// The piece that proved it.
    pub piece: u32,
    /// Pieces that had failed at this node with the banned one among their senders.
    pub bad_pieces: u32,
}

/// A piece came with a wrong hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedPiece {
    /// At which node.
    pub at: usize,
    /// Which piece.
    pub piece: u32,
    /// Who had sent parts of it.
    pub senders: Vec<usize>,
}

/// A node had everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Completion {
    /// Which node.
    pub node: usize,
    /// When.
    pub at: Timestamp,
    /// Bytes that all uplinks together had sent until then.
    pub sent: u64,
}

/// What came of a run.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Report {
    /// When each node had everything, microseconds. Seeders are absent.
    pub completed_at: BTreeMap<usize, u64>,
    /// The same in order of time.
    pub completions: Vec<Completion>,
    /// Who banned whom for which piece.
    pub bans: Vec<Ban>,
    /// Pieces that came with a wrong hash.
    pub failed_pieces: Vec<FailedPiece>,
    /// When every piece was verified at some node that came without it.
    pub one_copy_at: Option<Timestamp>,
    /// Links that a closed one was replaced with.
    pub relinked: u32,
    /// A digest of every event at every node in order: equal traces, equal runs.
    pub trace: u64,
}

impl Report {
    pub(crate) fn new() -> Self {
        Self { trace: 0xcbf2_9ce4_8422_2325, ..Self::default() }
    }

    /// Goes into the trace.
    pub(crate) fn mix(&mut self, words: &[u64]) {
        for word in words {
            self.trace = (self.trace ^ word).wrapping_mul(0x0100_0000_01b3).rotate_left(23);
        }
    }
}
