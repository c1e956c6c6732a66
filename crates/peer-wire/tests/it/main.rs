//! The peer wire: golden bytes shared with docs/protocol.md, every split of a stream, hostile bytes, memory.

mod chunks;
mod damage;
mod documented;
mod golden;
mod hostile;
mod memory;
mod samples;
