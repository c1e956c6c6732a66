//! Control, links, invites: golden bytes shared with docs/protocol.md, hostile bytes, memory.

#[path = "../../../peer-wire/tests/it/damage.rs"]
mod damage;
#[path = "../../../peer-wire/tests/it/documented.rs"]
mod documented;
mod golden;
mod hostile;
mod invites;
mod links;
mod memory;
mod pasted;
mod samples;
mod text;
mod tickets;
