//! Why a link did not come about or was given up, in order of blame.

/// Why a link never opened. The program tells most of them ([`crate::Input::Failed`]).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum LinkFailure {
    /// Peer or network: nothing answers at its addresses.
    #[error("nothing answers at its address")]
    Unreachable,
    /// Peer: the tracker says that it has left.
    #[error("it is gone")]
    Gone,
    /// Peer or network: it did not come to the relay.
    #[error("the other side did not come")]
    NotPaired,
    /// Peer or network: the handshake of the encryption did not come to its end.
    #[error("it did not answer as a member's peer does")]
    NotSecured,
    /// Peer: it knows the group, and is not who it should be. Another path would lead to the same fraud.
    #[error("somebody else answered in its place")]
    Impostor,
    /// Peer or us: what says that one of the two is a member is out of date. A new one is on its way.
    #[error("one of the two has to hear from the server first")]
    OutOfDate,
    /// Tracker: there is such a link already.
    #[error("there is a link already")]
    AlreadyLinked,
    /// Tracker: it does not know that we are in the swarm.
    #[error("the server does not list this peer yet")]
    NotAnnounced,
    /// Tracker or relay: its limits are reached.
    #[error("the server has too many links")]
    TooMany,
    /// Us: the tracker cannot be asked.
    #[error("there is no connection to the server")]
    Offline,
    /// Anybody: nothing was heard in time.
    #[error("no answer in time")]
    TimedOut,
}

/// Why a link that others want is not accepted. Nothing was opened for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refused {
    /// Peer: it is banned here.
    #[error("it is banned")]
    Banned,
    /// Peer: it has as many links to us as are of use.
    #[error("it has links to this peer already")]
    Linked,
    /// Us: the last places are kept for people that there is no link to.
    #[error("the last places are for others")]
    Reserved,
    /// Us: there are as many links as the program can have.
    #[error("there is no room for another link")]
    NoRoom,
    /// Us: the swarm is being left.
    #[error("the swarm is being left")]
    Leaving,
}

/// Why the program is to close a link.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CloseReason {
    /// As the engine says.
    #[error(transparent)]
    Engine(#[from] peer_engine::CloseReason),
    /// It never opened.
    #[error(transparent)]
    Failed(#[from] LinkFailure),
    /// Peer: it sent more than is kept before the torrent is known.
    #[error("sent too much before the torrent is known")]
    TooMuch,
    /// Peer: it was banned while its link was on its way.
    #[error("is banned")]
    Banned,
    /// Peer: whoever runs it is not of the group any more.
    #[error("is not in the group any more")]
    PersonGone,
    /// Us: the swarm is left.
    #[error("closed by us")]
    Leaving,
}
