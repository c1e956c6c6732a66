//! End-to-end tests. The names are claims; `cargo xtask test` runs them.

mod bridge;
mod browser_downloads;
mod browser_trouble;
mod chaos;
mod encrypted_clients;
mod full_disk;
mod group_commands;
mod group_life;
mod identity;
mod keyboard;
mod landing;
mod leech_example;
mod making_groups;
mod native_downloads;
mod native_trouble;
mod ordinary_clients;
mod policies;
mod removed_files;
mod removed_members;
mod restarts;
mod sharing;
mod tab_memory;
mod taps;
mod torrents;
mod world;
