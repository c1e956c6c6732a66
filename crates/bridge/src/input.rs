//! What goes into a bridge and comes out of it.

use bytes::Bytes;
use local_peer::{Identity, PeerId};
use peer_engine::{JobId, PieceData, PieceSet};

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// All seeders that the upstream peer is connected with now, and those that it has banned.
    Seeders(Vec<Seeder>),
    /// The other bridges of the swarm that reach every piece.
    OtherBridges(Vec<PeerId>),
    /// The downstream peer wants bytes of a piece ([`peer_engine::Job::Load`]).
    Load(Load),
    /// The upstream peer has a verified piece ([`peer_engine::Job::Store`]).
    Store {
        job: JobId,
        /// Index of the piece.
        piece: u32,
        /// Its blocks.
        data: PieceData,
    },
    /// Answers [`Output::Keep`].
    Kept {
        /// Where.
        slot: usize,
        /// `false`: the memory or disk failed; the piece is fetched anew when it is asked for again.
        is_kept: bool,
    },
    /// Answers [`Output::Read`].
    WasRead {
        /// Where from.
        slot: usize,
    },
    /// Time passed. Early ticks do nothing.
    Tick,
}

/// A peer that the upstream peer fetches from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seeder {
    /// Tells it from others, and the same one when it comes back.
    pub key: String,
    /// Program and version, for people.
    pub client: String,
    /// What it has.
    pub pieces: PieceSet,
    /// It sent bad data: nothing is fetched from it any more.
    pub is_banned: bool,
}

/// Bytes of a piece that the downstream peer wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Load {
    pub job: JobId,
    /// Index of the piece.
    pub piece: u32,
    /// Offset in the piece, bytes.
    pub begin: u32,
    /// Bytes.
    pub len: u32,
    /// Who asks; `None`: whoever does not prove who they are.
    pub who: Option<Identity>,
}

/// What is to be done.
#[derive(Debug, Clone)]
pub enum Output {
    /// For the upstream peer.
    Upstream(local_peer::Input),
    /// For the downstream peer.
    Downstream(local_peer::Input),
    /// Keep a piece in this slot of the cache, in place of what is there. Answered by [`Input::Kept`].
    Keep {
        /// Less than [`Bridge::slots`](crate::Bridge::slots).
        slot: usize,
        /// The piece's blocks.
        data: PieceData,
    },
    /// Hand bytes from the cache to the downstream peer, as [`local_peer::Input::Loaded`], and then [`Input::WasRead`].
    Read(Read),
}

/// Bytes to be read from the cache.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Read {
    /// Of which slot.
    pub slot: usize,
    /// What of the piece that is there.
    pub load: Load,
}

/// A piece that was kept in memory, cut to what is wanted; `None` behind its end.
impl Load {
    pub fn cut(&self, data: &[Bytes]) -> Option<Bytes> {
        let (begin, end) = (self.begin as usize, (self.begin as usize).checked_add(self.len as usize)?);
        let mut at = 0;
        let mut parts = Vec::new();
        for block in data {
            let (from, to) = (begin.max(at), end.min(at + block.len()));
            if from < to {
                parts.push(block.slice(from - at..to - at));
            }
            at += block.len();
        }
        match parts.len() {
            _ if end > at => None,
            1 => parts.pop(),
            _ => Some(parts.concat().into()),
        }
    }
}
