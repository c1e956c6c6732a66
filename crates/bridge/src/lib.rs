#![doc = include_str!("../README.md")]

mod allowance;
mod bridge;
mod cache;
mod demand;
mod input;
mod reach;
mod share;

pub use bridge::{Bridge, CacheTooSmall};
pub use input::{Input, Load, Output, Read, Seeder};
