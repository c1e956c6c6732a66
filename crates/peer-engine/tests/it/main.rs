//! The engine against hostile and random histories. Its behaviour among honest peers is tested in
//! `swarm-sim`.

#![allow(clippy::unwrap_used, reason = "a panic is how a test fails")]

mod advice;
mod examples;
mod extensions;
mod floods;
mod load;
mod operations;
mod outputs;
mod possession;
mod promises;
mod regressions;
mod rejects;
mod serving;
mod splits;
mod support;
mod wanted;
