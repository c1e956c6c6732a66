//! What an announce says, over HTTP and UDP alike.

use peer_wire::{InfoHash, PeerId};

/// What has happened since the last announce (BEP 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The first announce of this run.
    Started,
    /// The last piece came in this run. Never said by who was complete from the beginning.
    Completed,
    /// The last announce of this run.
    Stopped,
}

/// Bytes since `started`, and what is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Transferred {
    /// Bytes sent to peers.
    pub uploaded: u64,
    /// Bytes received from peers.
    pub downloaded: u64,
    /// Bytes of the torrent that are not here; 0: a seeder.
    pub left: u64,
}

/// One announce.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announce {
    /// The torrent.
    pub info_hash: InfoHash,
    /// The peer, as its handshakes name it.
    pub peer_id: PeerId,
    /// Where the peer accepts connections; 0: nowhere.
    pub port: u16,
    /// How much went in this run, and what is missing.
    pub transferred: Transferred,
    /// `None`: a regular announce.
    pub event: Option<Event>,
    /// How many peers the answer should have; `None`: as the tracker likes.
    pub numwant: Option<u32>,
    /// Random, and the same in every announce of a run: tells the peer when its address changes.
    pub key: Option<u32>,
}

/// What a tracker counts in one swarm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// `complete`: peers that have all.
    pub seeders: u32,
    /// `downloaded`: how often somebody became complete.
    pub downloaded: u32,
    /// `incomplete`: peers that lack pieces.
    pub leechers: u32,
}
