//! A bridge between two peers that are played by the tests.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod decisions;
mod histories;
mod program;
