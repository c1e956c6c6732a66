//! The program from outside, as far as that goes without a server.

// Clippy's `allow-unwrap-in-tests` does not reach the helpers of an integration test.
#![allow(clippy::unwrap_used)]

mod folders;
mod lying_tracker;
mod magnets;
mod program;
mod torrents;
mod usage;
