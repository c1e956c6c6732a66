//! What the tests announce.

use tracker_wire::{Announce, Event, Transferred};

pub const INFO_HASH: [u8; 20] = *b"\x00\x01 &+%zZ~-._\xff\x80=?/#ab";
pub const PEER_ID: [u8; 20] = *b"-CV0100-abcdefghijkl";

pub fn announce() -> Announce {
    Announce {
        info_hash: INFO_HASH.into(),
        peer_id: PEER_ID.into(),
        port: 6881,
        transferred: Transferred { uploaded: 1, downloaded: 2, left: u64::MAX },
        event: Some(Event::Started),
        numwant: Some(200),
        key: Some(0xab),
    }
}
