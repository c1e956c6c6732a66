//! What comes out of the engine.

use std::net::SocketAddr;

use bytes::Bytes;
use peer_wire::PeerId;

use crate::ids::{Identity, JobId, LinkKey, PieceIndex};
use crate::input::StorageError;

/// What a driver is to do or to know, in the order in which it came to that.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Output {
    /// This link has something to send: call [`Engine::transmit`](crate::Engine::transmit) with its room.
    /// Comes once until `transmit` has returned 0 for the link.
    Transmit(LinkKey),
    /// Read, hash or store. Every job is answered once.
    Storage(Job),
    /// Close the link after what was already transmitted on it. The engine has forgotten it.
    Close {
        /// Which.
        link: LinkKey,
        /// Why, for the log and the page.
        why: CloseReason,
    },
    /// Something that the program may want to know.
    Event(Event),
}

/// A piece's blocks in order. Cloning shares the bytes.
pub type PieceData = Vec<Bytes>;

/// Work on stored or received pieces.
#[derive(Debug, Clone)]
pub enum Job {
    /// Read `len` bytes at `begin` of a piece that is stored. At most 256 KiB, within the piece.
    Load {
        /// Comes back in [`Input::Loaded`](crate::Input::Loaded).
        job: JobId,
        /// Of which piece.
        piece: PieceIndex,
        /// Offset in the piece, bytes.
        begin: u32,
        /// Bytes.
        len: u32,
        /// Who asks for them, as the program vouches.
        who: Option<Identity>,
    },
    /// SHA-1 of a whole piece.
    Hash {
        /// Comes back in [`Input::Hashed`](crate::Input::Hashed).
        job: JobId,
        /// Which piece it should be.
        piece: PieceIndex,
        /// Its blocks.
        data: PieceData,
    },
    /// Keep a verified piece.
    Store {
        /// Comes back in [`Input::Stored`](crate::Input::Stored).
        job: JobId,
        /// Which piece.
        piece: PieceIndex,
        /// Its blocks.
        data: PieceData,
        /// The [`Job::Hash`] that had the same data: what was made of it for hashing can be stored. (Data
        /// whose hash was wrong is never stored; [`Event::PieceFailed`] names its piece.)
        hashed_by: JobId,
    },
}

/// Who is to blame that a link was closed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blame {
    /// The peer broke the protocol, lied, or is not who it should be.
    Peer,
    /// The way to it, or its machine: dialing again may help.
    Network,
    /// We wanted it.
    Us,
    /// Nobody: all is well.
    Nobody,
}

/// Why the engine gave up a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// Not the peer wire.
    #[error("sent something that is not the peer protocol: {0}")]
    Wire(#[from] peer_wire::WireError),
    /// Another torrent.
    #[error("asked for another torrent")]
    WrongTorrent,
    /// Another peer id than the program was told.
    #[error("is not the peer it should be")]
    WrongPeer,
    /// We reached ourselves.
    #[error("is this peer itself")]
    Myself,
    /// There is a better link to the same peer.
    #[error("has another link already")]
    Duplicate,
    /// A message that makes no sense where it came.
    #[error("broke the protocol: {0}")]
    Protocol(&'static str),
    /// More bytes than requested.
    #[error("sent more than it was asked for")]
    TooMuch,
    /// A piece whose hash is wrong.
    #[error("sent bad data for piece {0}")]
    BadPiece(PieceIndex),
    /// Banned before.
    #[error("is banned")]
    Banned,
    /// Silence.
    #[error("did not answer in time")]
    TimedOut,
    /// It made room for a peer that may be better.
    #[error("made room for others")]
    Turnover,
    /// Both have everything.
    #[error("has everything, as we do")]
    BothComplete,
    /// [`Command::Close`](crate::Command::Close).
    #[error("closed by us")]
    Asked,
}

impl CloseReason {
    /// Who is to blame.
    pub fn blame(&self) -> Blame {
        match self {
            Self::Wire(_)
            | Self::WrongTorrent
            | Self::WrongPeer
            | Self::Protocol(_)
            | Self::TooMuch
            | Self::BadPiece(_)
            | Self::Banned => Blame::Peer,
            Self::TimedOut => Blame::Network,
            Self::Asked => Blame::Us,
            Self::Myself | Self::Duplicate | Self::Turnover | Self::BothComplete => Blame::Nobody,
        }
    }
}

/// What the person may want to know.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// Handshakes are exchanged.
    PeerReady {
        /// On which link.
        link: LinkKey,
        /// Its id.
        peer: PeerId,
    },
    /// A link is gone: once for each [`Input::LinkOpened`](crate::Input::LinkOpened), before the
    /// [`Output::Close`] if there is one.
    PeerGone {
        /// Which.
        link: LinkKey,
        /// Its id; `None`: it went before its handshake came.
        peer: Option<PeerId>,
        /// Bytes of blocks that came over this link, the useless ones included.
        downloaded: u64,
        /// Bytes of blocks that were transmitted over this link.
        uploaded: u64,
        /// Why the engine closed it; `None`: it closed under us.
        why: Option<CloseReason>,
    },
    /// A peer tells of others (BEP 11), 200 at most: anybody may be there.
    PeersTold {
        /// Who tells.
        link: LinkKey,
        /// Where they are to accept connections.
        addresses: Vec<SocketAddr>,
    },
    /// A piece is verified and stored.
    PieceVerified {
        /// Which.
        piece: PieceIndex,
    },
    /// A piece came with a wrong hash; it is fetched again.
    PieceFailed {
        /// Which.
        piece: PieceIndex,
        /// Who sent parts of it.
        senders: Vec<PeerId>,
    },
    /// A peer is proved to have sent bad data, a whole piece or a block of one: it is closed and not used
    /// again.
    PeerBanned {
        /// The link that is closed for it, if it is still open.
        link: LinkKey,
        /// Its id.
        peer: PeerId,
        /// Who runs it.
        identity: Option<Identity>,
        /// The piece that proved it.
        piece: PieceIndex,
    },
    /// Every piece that is wanted is verified and stored.
    Completed,
    /// The machine failed to keep or hash a piece; nothing more is requested.
    StorageFailed(StorageError),
}
