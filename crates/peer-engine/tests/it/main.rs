//! The engine against hostile and random histories. Its behaviour among honest peers is tested in
//! `swarm-sim`.

mod operations;
mod splits;
mod support;
