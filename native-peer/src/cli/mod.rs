//! What was typed ([`args`]) and what it means ([`plan`]). Flags never travel further.

pub mod args;
mod plan;
mod units;

pub use args::CommandLine;
pub use plan::{Create, Download, Existing, Plan, Seeding, Setup, Share, Tuning};
