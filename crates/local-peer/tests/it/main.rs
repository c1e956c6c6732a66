//! One peer of one swarm, without a socket: whom it dials, over which path, whom it refuses, what it tells.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod announcing;
mod bans;
mod dialing;
mod fallback;
mod full_copies;
mod links;
#[cfg(not(target_arch = "wasm32"))]
mod operations;
mod room;
mod totals;
mod waiting;
mod world;
