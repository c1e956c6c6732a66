//! Swarms: who is in them, who watches, and who is told what.

use std::net::{IpAddr, SocketAddr};

use serde::{Deserialize, Serialize};

use crate::ids::{FileId, GroupId, MemberKey, PeerId};

/// Names a swarm: a file in a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SwarmName {
    pub group: GroupId,
    /// The file card.
    pub file: FileId,
}

/// Names a peer in a swarm. A peer id alone is whatever its peer says; together with the member whom the
/// tracker saw log in it is nobody else's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct PeerName {
    /// Who runs it.
    pub member: MemberKey,
    /// Its id on the peer wire.
    #[serde(with = "crate::ids::twenty_bytes")]
    pub peer: PeerId,
}

/// One peer's presence in one swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Announce {
    /// Which swarm.
    pub swarm: SwarmName,
    /// This peer's id on the peer wire, for this torrent and run.
    #[serde(with = "crate::ids::twenty_bytes")]
    pub peer: PeerId,
    /// How far it is.
    pub progress: Progress,
    /// Where it accepts TCP from other native peers; `None` for browsers.
    pub listen: Option<Listen>,
    /// What else it offers.
    pub offers: Offers,
}

/// How far a peer is with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Progress {
    /// Is hashing the file; nothing can be had yet. Per mille.
    Preparing(u16),
    /// Verified pieces, of how many in all; equal = a seeder.
    Pieces {
        /// Verified.
        have: u32,
        /// In all.
        total: u32,
    },
}

impl Progress {
    /// Has every piece.
    pub fn is_complete(&self) -> bool {
        matches!(self, Progress::Pieces { have, total } if have == total)
    }
}

/// Where a native peer listens. The tracker adds the address that it saw the member come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listen {
    /// TCP port.
    pub port: u16,
    /// Addresses in private networks; at most `ADDRESSES_MAX`. The tracker drops all others.
    pub local: Vec<IpAddr>,
}

/// What a peer offers besides pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Offers {
    /// Takes unencrypted BitTorrent connections: ordinary clients may be told of it.
    pub plain: bool,
    /// Fetches from ordinary clients what tabs cannot reach.
    pub bridge: bool,
}

/// Where a peer in a swarm comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// A control connection: its peer is gone when that is.
    Session,
    /// An ordinary client's HTTP announce with a member's passkey: known for a while after each. It speaks
    /// plain BitTorrent, and its peer id is one that the tracker made up.
    Announced,
}

/// A peer in a swarm. What its member is called stands in the group.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmPeer {
    /// Which.
    pub name: PeerName,
    /// Program and version.
    pub client: String,
    /// How far it is.
    pub progress: Progress,
    /// Where it accepts TCP; empty for browsers.
    pub tcp: Vec<SocketAddr>,
    /// What else it offers.
    pub offers: Offers,
    /// Where it comes from.
    pub source: Source,
}

/// Changes in a watched swarm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmPeers {
    /// Which swarm.
    pub swarm: SwarmName,
    /// `true`: the first part of a whole list, forget the others.
    pub all: bool,
    /// Joined or changed; at most `LIST_LEN_MAX`. Never holds the receiver's own entry.
    pub peers: Vec<SwarmPeer>,
    /// Gone; at most `LIST_LEN_MAX`.
    pub left: Vec<PeerName>,
}

/// How many are in the swarms of a group. The receiver's own peers count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmCounts {
    pub group: GroupId,
    /// `true`: swarms that are not here are empty.
    pub all: bool,
    /// Those that changed; at most `LIST_LEN_MAX`.
    pub counts: Vec<SwarmCount>,
}

/// How many are in one swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct SwarmCount {
    /// The file card.
    pub file: FileId,
    /// Peers with every piece.
    pub seeders: u32,
    /// Peers that lack pieces.
    pub leechers: u32,
    /// Peers that still hash the file.
    pub preparing: u32,
}

/// An announce that was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnounceRefused {
    /// Which swarm.
    pub swarm: SwarmName,
    /// Why.
    pub reason: AnnounceRefusal,
}

/// Why an announce was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum AnnounceRefusal {
    /// The member is not in the group, or the group has no such file card (any more).
    NoSuchFile,
    /// This connection is in as many swarms as it may be.
    TooMany,
    /// The swarm has as many peers as it may have.
    SwarmFull,
    /// Its progress makes no sense.
    BadProgress,
}
