//! What a program tells its local peer.

use std::collections::BTreeSet;
use std::net::SocketAddr;

use bytes::Bytes;
use peer_engine::{Command, JobId, LinkKey, StorageError};

use crate::Identity;
use crate::candidate::{Candidate, Source};
use crate::candidate_list::CandidateList;
use crate::failure::LinkFailure;

/// What happened. Links that are not known (any more) are ignored: programs race with closes.
#[derive(Debug, Clone)]
pub enum Input {
    /// All that a source knows now; it replaces what it knew before. A list that was made from the one before
    /// ([`CandidateList::next`]) is looked through only where it differs.
    Listed {
        /// Who knows it.
        source: Source,
        /// Whom it knows. This peer itself may be among them.
        candidates: CandidateList,
    },
    /// A source of strangers tells of some more of them. The latest 500 of each are kept.
    Found {
        /// Who knows them. [`Source::Group`] lists its peers instead.
        source: Source,
        /// Where they accept connections.
        addresses: Vec<SocketAddr>,
    },
    /// All who are of the group now. Whoever was at the last time and is not any more is served no longer: every link with
    /// them ends. Whether they are dialed or accepted again is for the lists and for [`Self::Secured`] to say.
    People(BTreeSet<Identity>),
    /// Whether the relay can be asked for links now: the connection to the tracker is up. It is at the start.
    RelayAvailable(bool),

    /// Answers [`crate::Output::Dial`] over [`crate::Path::Direct`]: the connection is open.
    Connected {
        /// Which.
        link: LinkKey,
    },
    /// Answers [`crate::Output::Dial`] over [`crate::Path::Relay`]: the tracker grants a link.
    /// [`crate::Output::Pair`] follows.
    Granted {
        /// Which.
        link: LinkKey,
    },
    /// Answers [`crate::Output::Pair`]: the other side is there.
    Paired {
        /// Which.
        link: LinkKey,
    },
    /// Both sides of a link that is connected or paired have proved who they are: it carries bytes.
    Secured {
        /// Which.
        link: LinkKey,
        /// Who proved to be there, if that was not known before (an accepted connection).
        who: Option<Box<Candidate>>,
    },
    /// A link that is not open yet will not open.
    Failed {
        /// Which.
        link: LinkKey,
        why: LinkFailure,
    },
    /// Bytes arrived on an open link. Chunks of at most 64 KiB keep a slow block from holding much memory.
    Received {
        /// On which link.
        link: LinkKey,
        /// What.
        bytes: Bytes,
    },
    /// The socket is gone: the other side or the network closed it, or [`crate::Output::Close`] is done.
    Closed {
        /// Which.
        link: LinkKey,
    },

    /// Answers [`peer_engine::Job::Load`].
    Loaded {
        /// Which load.
        job: JobId,
        /// The bytes that were asked for.
        result: Result<Bytes, StorageError>,
    },
    /// Answers [`peer_engine::Job::Hash`].
    Hashed {
        /// Which hash.
        job: JobId,
        /// SHA-1 of the data.
        digest: Result<[u8; 20], StorageError>,
    },
    /// Answers [`peer_engine::Job::Store`].
    Stored {
        /// Which store.
        job: JobId,
        /// Whether it is there.
        result: Result<(), StorageError>,
    },

    /// A bridge: so many pieces can be had of it or of others of its kind. From now on that is what the tracker is told.
    Reaches(u32),
    /// The person or the program wants something of the engine. A ban counts before there is an engine too.
    Command(Command),
    /// The swarm is left: every link is closed politely, and none is begun or accepted again.
    Leave,
    /// Time passed. Early ticks do nothing.
    Tick,
}
