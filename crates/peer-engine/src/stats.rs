//! What the engine tells of itself.

use peer_wire::{Behind, PeerId};

use crate::ids::{Identity, LinkKey};

/// The swarm as this peer sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Stats {
    /// Pieces in all.
    pub pieces: u32,
    /// Pieces verified and stored.
    pub pieces_have: u32,
    /// Bytes in all.
    pub bytes: u64,
    /// Bytes verified and stored.
    pub bytes_have: u64,
    /// Pieces that are wanted and not verified and stored yet.
    pub pieces_lacking: u32,
    /// Bytes of pieces that are wanted, here or not.
    pub bytes_wanted: u64,
    /// Bytes of pieces that are wanted and not verified and stored yet.
    pub bytes_lacking: u64,
    /// Bytes of blocks received and kept so far in pieces that are not yet verified.
    pub bytes_partial: u64,
    /// Bytes of blocks received, the useless ones included.
    pub downloaded: u64,
    /// Bytes of blocks sent.
    pub uploaded: u64,
    /// Bytes of blocks received twice, unasked for, or in a piece that failed.
    pub wasted: u64,
    /// Bytes per second received now.
    pub rate_down: u64,
    /// Bytes per second sent now.
    pub rate_up: u64,
    /// Links whose handshakes are exchanged.
    pub peers: u32,
    /// Links on which we are interested and not choked.
    pub peers_unchoking_us: u32,
    /// Wanted pieces that are missing and that no connected peer has.
    pub pieces_unavailable: u32,
    /// Copies of the file among the connected peers and us, in thousandths: the rarest piece's count,
    /// and as the fraction the share of pieces that have more.
    pub copies_milli: u32,
}

/// One peer as this one sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerStats {
    /// Changes when it comes back.
    pub link: LinkKey,
    /// Its id.
    pub peer: PeerId,
    /// Who runs it.
    pub identity: Option<Identity>,
    /// Program and version as it says (BEP 10 `v`), printable characters only.
    pub client: Option<String>,
    /// From whom it has what it serves, if it is a bridge.
    pub behind: Vec<Behind>,
    /// Pieces it has.
    pub pieces_have: u32,
    /// Bytes of blocks received from it.
    pub downloaded: u64,
    /// Bytes of blocks sent to it.
    pub uploaded: u64,
    /// Bytes per second received now.
    pub rate_down: u64,
    /// Bytes per second sent now.
    pub rate_up: u64,
    /// Blocks asked for and not yet here.
    pub requests_in_flight: u32,
    /// It chokes us.
    pub choking_us: bool,
    /// We choke it.
    pub choked_by_us: bool,
    /// It wants something that we have.
    pub interested_in_us: bool,
    /// We want something that it has.
    pub interesting: bool,
    /// It let us wait too long.
    pub snubbed: bool,
}

/// A piece on the piece map.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PieceState {
    /// Not begun; how many connected peers have it.
    Missing {
        /// Connected peers that have it.
        availability: u32,
    },
    /// Blocks of it are requested, here or being verified.
    Partial,
    /// Verified and stored.
    Have,
}
