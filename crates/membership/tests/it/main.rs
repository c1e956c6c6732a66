//! The member's side against a scripted tracker that speaks the real wire.

mod bounds;
mod connection;
mod groups;
mod heartbeat;
mod links;
mod requests;
mod swarms;
mod tracker;
