//! The engine's behaviour, on the simulated network.

mod download;
mod integrity;
mod upload;
