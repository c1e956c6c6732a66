//! Why nothing comes. The words are the program's.

use std::time::Duration;

use crate::failure::LinkFailure;

/// Without a byte for so long, something is waited for.
pub const QUIET: Duration = Duration::from_secs(3);

/// Why nothing comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub enum Waiting {
    /// This machine cannot keep or read pieces: nothing is requested any more.
    Storage,
    /// The list of pieces is not known yet.
    Torrent,
    /// Nobody else of the swarm is there who has anything.
    NobodyOnline,
    /// Links are on their way, and none has failed yet.
    Connecting {
        /// Peers that are listed with something to give.
        online: usize,
    },
    /// There are peers, and no link to any of them came about.
    NotReached {
        /// Peers that are listed with something to give.
        online: usize,
        /// Why the last attempt failed.
        last: Option<LinkFailure>,
    },
    /// Of what is missing, nobody who is connected has anything.
    NobodyHas {
        /// Missing pieces that no connected peer has.
        pieces: u32,
    },
    /// Peers are connected that have what is missing, and none of them sends.
    NotSending {
        /// Connected peers.
        connected: usize,
    },
}

/// What the answer depends on.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Facts {
    pub has_torrent: bool,
    pub storage_failed: bool,
    /// Listed peers with something to give.
    pub online: usize,
    /// Links whose handshakes are exchanged.
    pub connected: usize,
    /// Links on their way.
    pub connecting: usize,
    pub last_failure: Option<LinkFailure>,
    pub pieces_missing: u32,
    pub pieces_unavailable: u32,
    /// Since the last block, or since the wait began.
    pub quiet: Duration,
}

impl Facts {
    /// `None`: bytes come, or everything is here.
    pub fn waiting(self) -> Option<Waiting> {
        let Self { online, connected, .. } = self;
        let is_complete = self.has_torrent && self.pieces_missing == 0;
        match self {
            _ if self.storage_failed => Some(Waiting::Storage),
            _ if is_complete => None,
            _ if connected > 0 && self.quiet < QUIET => None,
            _ if connected > 0 && !self.has_torrent => Some(Waiting::Torrent),
            _ if connected > 0 && self.pieces_unavailable >= self.pieces_missing => {
                Some(Waiting::NobodyHas { pieces: self.pieces_unavailable })
            }
            _ if connected > 0 => Some(Waiting::NotSending { connected }),
            _ if online == 0 && self.connecting == 0 => Some(Waiting::NobodyOnline),
            _ if self.connecting > 0 && self.last_failure.is_none() => Some(Waiting::Connecting { online }),
            _ => Some(Waiting::NotReached { online, last: self.last_failure }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONNECTED: Facts = Facts {
        has_torrent: true,
        storage_failed: false,
        online: 2,
        connected: 2,
        connecting: 0,
        last_failure: None,
        pieces_missing: 5,
        pieces_unavailable: 0,
        quiet: QUIET,
    };

    #[test]
    fn nothing_is_waited_for_while_bytes_come_and_when_all_is_here() {
        assert_eq!(Facts { quiet: QUIET - Duration::from_millis(1), ..CONNECTED }.waiting(), None);
        assert_eq!(Facts { pieces_missing: 0, ..CONNECTED }.waiting(), None);
        let alone = Facts { pieces_missing: 0, online: 0, connected: 0, ..CONNECTED };
        assert_eq!(alone.waiting(), None);
    }

    #[test]
    fn peers_that_have_it_and_do_not_send_are_told_from_those_who_lack_it_too() {
        assert_eq!(CONNECTED.waiting(), Some(Waiting::NotSending { connected: 2 }));
        let some = Facts { pieces_unavailable: 4, ..CONNECTED };
        assert_eq!(some.waiting(), Some(Waiting::NotSending { connected: 2 }), "one piece could come");
        let none = Facts { pieces_unavailable: 5, ..CONNECTED };
        assert_eq!(none.waiting(), Some(Waiting::NobodyHas { pieces: 5 }));
    }

    #[test]
    fn without_a_link_the_reason_is_given_at_once() {
        let unlinked = Facts { connected: 0, quiet: Duration::ZERO, ..CONNECTED };
        assert_eq!(Facts { online: 0, ..unlinked }.waiting(), Some(Waiting::NobodyOnline));
        assert_eq!(Facts { connecting: 1, ..unlinked }.waiting(), Some(Waiting::Connecting { online: 2 }));
        let last = Some(LinkFailure::NotPaired);
        let failed = Facts { connecting: 1, last_failure: last, ..unlinked };
        assert_eq!(failed.waiting(), Some(Waiting::NotReached { online: 2, last }));
    }

    #[test]
    fn a_broken_disk_is_the_reason_whatever_else_is() {
        for facts in [CONNECTED, Facts { pieces_missing: 0, ..CONNECTED }, Facts { connected: 0, ..CONNECTED }] {
            assert_eq!(Facts { storage_failed: true, ..facts }.waiting(), Some(Waiting::Storage));
        }
    }
}
