//! The server from outside: the real program on a free port in a temporary folder, and real
//! WebSocket clients that speak `wire-protocol`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod crowds;
mod departures;
mod durability;
mod groups;
mod harness;
mod limits;
mod links;
mod login;
mod page;
mod relay_memory;
mod stopping;
mod swarms;
mod torrents;
