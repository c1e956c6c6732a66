//! The server from outside: the real program on a free port in a temporary folder, and real
//! WebSocket clients that speak `wire-protocol`.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on panics")]

mod admission;
mod announces;
mod backup;
mod budgets;
mod catching_up;
mod clocks;
mod config;
mod crowds;
mod departures;
mod durability;
mod fairness;
mod full_disk;
mod groups;
mod harness;
mod invites;
mod joining;
mod keys;
mod limits;
mod links;
mod login;
mod page;
mod passkeys;
mod proxies;
mod pruning;
mod relay_memory;
mod removing;
mod repeats;
mod roles;
mod secrets;
mod stateful;
mod stopping;
mod swarms;
mod tickets;
mod torrents;
