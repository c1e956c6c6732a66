//! Torrents as other programs make them, as this one makes them, and as nobody should.

mod building;
#[path = "../../../peer-wire/tests/it/damage.rs"]
mod damage;
mod expected;
mod hostile;
mod hybrid;
mod magnet;
mod memory;
mod metafile;
mod parsing;
mod selection;
mod spans;
