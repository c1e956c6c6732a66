//! The 68 bytes that begin every link (BEP 3), and the reserved bits (BEP 6, 10).

use crate::ids::{InfoHash, PeerId};

/// Length of a handshake, bytes.
pub const HANDSHAKE_LEN: usize = 68;
/// Length byte and name that begin it.
pub(crate) const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";

/// The eight reserved bytes, as the bits that this program understands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Reserved {
    /// BEP 6: `reserved[7] & 0x04`. On only if both sides set it.
    pub fast: bool,
    /// BEP 10: `reserved[5] & 0x10`.
    pub extensions: bool,
}

/// What each side sends first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Handshake {
    /// What the sender can do.
    pub reserved: Reserved,
    /// Which torrent.
    pub info_hash: InfoHash,
    /// Who the sender is.
    pub peer_id: PeerId,
}

impl Handshake {
    /// All 68 bytes: some clients parse the handshake from a single read, so send them in one write.
    pub fn encode(&self) -> [u8; HANDSHAKE_LEN] {
        let mut bytes = [0; HANDSHAKE_LEN];
        bytes[..20].copy_from_slice(PROTOCOL);
        if self.reserved.extensions {
            bytes[25] |= 0x10;
        }
        if self.reserved.fast {
            bytes[27] |= 0x04;
        }
        bytes[28..48].copy_from_slice(&self.info_hash.0);
        bytes[48..].copy_from_slice(&self.peer_id.0);
        bytes
    }

    /// Whatever begins with the protocol's name is a handshake; unknown reserved bits are ignored.
    /// `None`: another protocol.
    pub fn decode(bytes: &[u8; HANDSHAKE_LEN]) -> Option<Self> {
        if &bytes[..20] != PROTOCOL {
            return None;
        }
        let (mut info_hash, mut peer_id) = ([0; 20], [0; 20]);
        info_hash.copy_from_slice(&bytes[28..48]);
        peer_id.copy_from_slice(&bytes[48..]);
        Some(Self {
            reserved: Reserved { fast: bytes[27] & 0x04 != 0, extensions: bytes[25] & 0x10 != 0 },
            info_hash: InfoHash(info_hash),
            peer_id: PeerId(peer_id),
        })
    }
}
