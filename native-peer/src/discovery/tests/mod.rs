//! The search against real sockets on this machine.

mod http;
mod others;
mod udp;
mod world;
