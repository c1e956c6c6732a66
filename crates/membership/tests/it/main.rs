//! The member's side against a scripted tracker that speaks the real wire.

mod bounds;
mod connection;
#[path = "../../../peer-wire/tests/it/damage.rs"]
mod damage;
mod documented;
mod group_keys;
mod groups;
mod heartbeat;
mod keys;
mod named_admins;
mod own;
mod own_name;
mod requests;
mod swarms;
mod tracker;
#[path = "../../../peer-wire/tests/it/documented.rs"]
mod vectors;
