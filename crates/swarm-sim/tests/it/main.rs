//! The engine's behaviour, on the simulated network.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod bridges;
mod conducts;
mod download;
mod gates;
mod integrity;
mod network;
mod upload;
