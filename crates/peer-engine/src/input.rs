//! What goes into the engine.

use std::net::SocketAddr;

use bytes::Bytes;
use peer_wire::{Behind, PeerId};

use crate::config::{PiecePolicy, RateLimits};
use crate::ids::{Identity, JobId, LinkKey, PieceIndex};
use crate::piece_set::PieceSet;

/// What happened.
#[derive(Debug, Clone)]
pub enum Input {
    /// A byte pipe to a peer is open; nothing was sent or received on it yet. (An accepting TCP driver
    /// that had to read the handshake to find the swarm hands those bytes in as `Received`.)
    LinkOpened {
        /// The driver's name for it.
        link: LinkKey,
        /// What the driver knows of the other end.
        opening: Opening,
    },
    /// Bytes arrived. Chunks of at most 64 KiB keep a slow block from holding much memory.
    Received {
        /// On which link.
        link: LinkKey,
        /// At least one.
        bytes: Bytes,
    },
    /// The pipe is gone, for whatever reason.
    LinkClosed {
        /// Which.
        link: LinkKey,
    },
    /// Answers [`Job::Load`](crate::Job::Load) with exactly the bytes asked for.
    Loaded {
        /// Which load.
        job: JobId,
        /// The bytes.
        result: Result<Bytes, StorageError>,
    },
    /// Answers [`Job::Hash`](crate::Job::Hash).
    Hashed {
        /// Which hash.
        job: JobId,
        /// SHA-1 of the data.
        digest: Result<[u8; 20], StorageError>,
    },
    /// Answers [`Job::Store`](crate::Job::Store): the piece can be loaded from now on.
    Stored {
        /// Which store.
        job: JobId,
        /// Whether it is there.
        result: Result<(), StorageError>,
    },
    /// The person or the program wants something.
    Command(Command),
    /// Time passed. Early ticks do nothing.
    Tick,
}

/// What the program wants of the engine.
#[derive(Debug, Clone)]
pub enum Command {
    /// Chooses pieces differently from now on. Nobody plays any more.
    SetPolicy(PiecePolicy),
    /// Somebody plays from this piece on, at this many bytes per second (policy `sequential`).
    Play {
        /// The piece that is wanted now.
        piece: PieceIndex,
        /// The player's rate.
        bytes_per_second: u64,
    },
    /// Fetches only these pieces from now on; what is on its way still comes. At the start all are wanted.
    SetWanted(PieceSet),
    /// These pieces can be loaded from now on: the program came by them, and vouches for them. Those that are being
    /// fetched come to it by themselves.
    Gained(PieceSet),
    /// These pieces can be loaded no more. Who asked for one of them is refused, who knows that we had it is told (BEP 54).
    Lost(PieceSet),
    /// Tells peers from whom this one, a bridge, gets what it serves. The first [`BEHIND_MAX`](peer_wire::BEHIND_MAX) count.
    SetBehind(Vec<Behind>),
    /// Limits upload and download from now on.
    SetLimits(RateLimits),
    /// Serves nobody from now on, or serves again. Others still hear what we have. At the start everybody is served.
    SetServing(bool),
    /// Closes a link politely (the peer may not be here any more, the program ends).
    Close(LinkKey),
    /// Closes all links of whoever this is and refuses new ones.
    Ban(Identity),
}

/// What a driver knows of a link's other end before the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Who opened it. The dialer's handshake goes first.
    pub direction: Direction,
    /// The peer id that the other end must show; `None` accepts any (ordinary BitTorrent clients).
    pub peer: Option<PeerId>,
    /// Who runs it, as the program vouches. Bans hang on it.
    pub identity: Option<Identity>,
    /// Where it was dialed, or connected from: then the port counts for nothing. Others are told of it
    /// ([`PeerExchange`](crate::PeerExchange)), and it of them; `None`: it is nobody's business.
    pub address: Option<SocketAddr>,
}

/// Who opened a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// We did.
    Dialed,
    /// They did.
    Accepted,
}

/// Why a job could not be done: the machine's fault, never a peer's.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{detail}")]
pub struct StorageError {
    /// What a program can act on.
    pub kind: StorageErrorKind,
    /// What the operating system or the browser said, for the log.
    pub detail: String,
}

impl StorageError {
    /// From what the machine said.
    pub fn new(kind: StorageErrorKind, detail: impl Into<String>) -> Self {
        Self { kind, detail: detail.into() }
    }
}

/// What kept a job from being done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum StorageErrorKind {
    /// The disk or the browser's quota is full.
    NoRoom,
    /// What was stored is not there any more.
    Gone,
    /// Anything else.
    Other,
}
