//! What a local peer wants of its program.

use peer_engine::{Job, LinkKey, PieceIndex, StorageError};

use crate::candidate::{Candidate, Progress};
use crate::failure::{CloseReason, LinkFailure};
use crate::links::Path;
use crate::totals::{Given, Who};

/// What to do now.
#[derive(Debug)]
pub enum Output {
    /// Open a link: connect to one of the addresses, or ask the tracker for a link over the relay. Answered by
    /// [`crate::Input::Connected`] or [`crate::Input::Granted`], or by [`crate::Input::Failed`].
    Dial {
        /// The link's name from now on.
        link: LinkKey,
        /// Whom to.
        to: Box<Candidate>,
        /// How.
        path: Path,
    },
    /// Open the socket of a link that the tracker granted, present its token, and wait for the other side.
    /// Answered by [`crate::Input::Paired`] or [`crate::Input::Failed`].
    Pair {
        /// Which.
        link: LinkKey,
    },
    /// The link has something to send: call [`crate::LocalPeer::transmit`] while it has room. A link that had no
    /// room is transmitted again when it has some, without another output.
    Transmit(LinkKey),
    /// A job for the disk; answered exactly once, in any order.
    Storage(Job),
    /// Close the link after what was already transmitted, or give up opening it. Answered by
    /// [`crate::Input::Closed`] when its socket is gone: until then it keeps its place, five seconds at most.
    Close {
        /// Which.
        link: LinkKey,
        /// Why, for the log.
        why: CloseReason,
    },
    /// Tell the tracker how far this peer is.
    Announce(Progress),
    /// What the person may want to know.
    Event(Event),
}

/// What happened in the swarm, with names and totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Handshakes are exchanged.
    PeerJoined {
        /// On which link.
        link: LinkKey,
        /// With whom.
        who: Who,
    },
    /// A peer's link is gone.
    PeerLeft {
        /// Which link.
        link: LinkKey,
        /// Whose.
        who: Who,
        /// All that went to and from this person in this run, over links that are gone.
        totals: Given,
        /// Why; `None`: the other side or the network closed it.
        why: Option<peer_engine::CloseReason>,
    },
    /// A link that we dialed did not open.
    NotReached {
        /// Whom to.
        to: Box<Candidate>,
        /// How it was tried.
        path: Path,
        /// Why not.
        why: LinkFailure,
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
        senders: Vec<Who>,
    },
    /// A peer is proved to have sent bad data: it is not used again, and neither is any other of the same person.
    PeerBanned {
        who: Who,
        /// The piece that proved it.
        piece: PieceIndex,
    },
    /// Every piece is verified and stored.
    Completed,
    /// The machine failed to keep, read or hash a piece; nothing more is requested.
    StorageFailed(StorageError),
}
