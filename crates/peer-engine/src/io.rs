//! What goes into the engine and what comes out.

use bytes::Bytes;
use peer_wire::PeerId;

/// A link to a peer: a TCP connection or a relay link. Chosen by the driver, never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkKey(pub u64);

/// Whoever runs a peer, as the program knows them: a public key, or the digest of an address. The engine
/// compares it and nothing else; bans hang on it, so whoever is banned cannot come back under a new peer id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity(pub [u8; 32]);

/// Names an [`Action`] in the [`Input`] that answers it. Never used twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobId(pub u64);

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
        /// What.
        bytes: Bytes,
    },
    /// The pipe is gone, for whatever reason.
    LinkClosed {
        /// Which.
        link: LinkKey,
    },
    /// Answers [`Action::Load`] with exactly the bytes asked for.
    Loaded {
        /// Which load.
        job: JobId,
        /// The bytes.
        result: Result<Bytes, StorageError>,
    },
    /// Answers [`Action::Hash`].
    Hashed {
        /// Which hash.
        job: JobId,
        /// SHA-1 of the data.
        digest: Result<[u8; 20], StorageError>,
    },
    /// Answers [`Action::Store`]: the piece can be loaded from now on.
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
    /// Chooses pieces differently from now on.
    SetPolicy(super::PiecePolicy),
    /// Somebody plays from this piece on, at this many bytes per second (policy `sequential`).
    Play {
        /// The piece that is wanted now.
        piece: u32,
        /// The player's rate.
        bytes_per_second: u64,
    },
    /// Limits upload and download from now on.
    SetLimits(super::RateLimits),
    /// Closes a link politely (the peer may not be here any more, the program ends).
    Close(LinkKey),
    /// Closes all links of whoever this is and refuses new ones.
    Ban(Identity),
}

/// What a driver knows of a link's other end before the first byte.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Opening {
    /// Who opened it. The dialler's handshake goes first.
    pub direction: Direction,
    /// The peer id that the other end must show; `None` accepts any (ordinary BitTorrent clients).
    pub peer: Option<PeerId>,
    /// Who runs it, as the program vouches. Bans hang on it.
    pub identity: Option<Identity>,
}

/// Who opened a link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// We did.
    Dialed,
    /// They did.
    Accepted,
}

/// A piece's blocks in order. Cloning shares the bytes.
pub type PieceData = Vec<Bytes>;

/// What the engine wants done. Each with a job is answered once.
#[derive(Debug, Clone)]
pub enum Action {
    /// Read `len` bytes at `begin` of a piece that is stored. At most 256 KiB, within the piece.
    Load {
        /// Comes back in [`Input::Loaded`].
        job: JobId,
        /// Index of the piece.
        piece: u32,
        /// Offset in the piece, bytes.
        begin: u32,
        /// Bytes.
        len: u32,
    },
    /// SHA-1 of a whole piece.
    Hash {
        /// Comes back in [`Input::Hashed`].
        job: JobId,
        /// Index of the piece.
        piece: u32,
        /// Its blocks.
        data: PieceData,
    },
    /// Keep a verified piece.
    Store {
        /// Comes back in [`Input::Stored`].
        job: JobId,
        /// Index of the piece.
        piece: u32,
        /// Its blocks.
        data: PieceData,
    },
    /// Close the link after what was already polled for it. The engine has forgotten it.
    Close {
        /// Which.
        link: LinkKey,
        /// Why, for the log and the page.
        why: CloseReason,
    },
}

/// The machine's fault: what the operating system or the browser said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct StorageError(pub String);

/// Why the engine gave up a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CloseReason {
    /// Peer: not the peer wire.
    #[error("sent something that is not the peer protocol: {0}")]
    Wire(#[from] peer_wire::WireError),
    /// Peer: another torrent.
    #[error("asked for another torrent")]
    WrongTorrent,
    /// Peer: another peer id than the tracker vouched for.
    #[error("is not the peer it should be")]
    WrongPeer,
    /// Nobody: we reached ourselves.
    #[error("is this peer itself")]
    Myself,
    /// Nobody: there is a better link to the same peer.
    #[error("has another link already")]
    Duplicate,
    /// Peer: a message that makes no sense where it came.
    #[error("broke the protocol: {0}")]
    Protocol(&'static str),
    /// Peer: more bytes than requested.
    #[error("sent more than it was asked for")]
    TooMuch,
    /// Peer: a piece whose hash is wrong.
    #[error("sent bad data for piece {0}")]
    BadPiece(u32),
    /// Peer: banned before.
    #[error("is banned")]
    Banned,
    /// Peer or network: silence.
    #[error("did not answer in time")]
    TimedOut,
    /// Nobody: it made room for a peer that may be better.
    #[error("made room for others")]
    Turnover,
    /// Nobody: both have everything.
    #[error("has everything, as we do")]
    BothComplete,
    /// Us: asked to.
    #[error("closed by us")]
    Asked,
}

/// What the person may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Handshakes are exchanged.
    PeerReady {
        /// On which link.
        link: LinkKey,
        /// Its id.
        peer: PeerId,
    },
    /// A piece is verified and stored.
    PieceVerified {
        /// Which.
        piece: u32,
    },
    /// A piece came with a wrong hash; it is fetched again.
    PieceFailed {
        /// Which.
        piece: u32,
        /// Who sent parts of it.
        senders: Vec<PeerId>,
    },
    /// A peer is proved to have sent bad data, a whole piece or a block of one: it is closed and not used
    /// again.
    PeerBanned {
        /// Its link.
        link: LinkKey,
        /// Its id.
        peer: PeerId,
        /// Who runs it.
        identity: Option<Identity>,
        /// The piece that proved it.
        piece: u32,
    },
    /// Every piece is verified and stored.
    Completed,
    /// The machine failed to keep or hash a piece; nothing more is requested.
    StorageFailed(StorageError),
}
