//! What each fuzz target does with its bytes. The targets themselves are one line each, so that the
//! same code runs under libFuzzer and in `tests/`.
//!
//! A target may not panic, whatever the bytes; everything else it demands is an `assert`.

#![forbid(unsafe_code)]

mod bencode;
mod control;
mod decoder;
mod engine;
mod secure;
mod seeds;
mod swarms;
mod trackers;

pub use bencode::bencode;
pub use control::control_messages;
pub use decoder::peer_wire_decoder;
pub use engine::{engine_history, engine_operations};
pub use secure::{secure_handshake, secure_records};
pub use seeds::{Seed, seeds};
pub use swarms::local_peer_operations;
pub use trackers::trackers;

/// What a target is called with.
pub type Target = fn(&[u8]);

/// Every target by the name of its program and of its folder in `corpus/`.
pub const TARGETS: [(&str, Target); 8] = [
    ("peer_wire_decoder", peer_wire_decoder),
    ("bencode", bencode),
    ("trackers", trackers),
    ("control_messages", control_messages),
    ("engine_operations", engine_operations),
    ("local_peer_operations", local_peer_operations),
    ("secure_handshake", secure_handshake),
    ("secure_records", secure_records),
];
