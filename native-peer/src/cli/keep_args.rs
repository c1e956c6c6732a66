//! `keep`: what was typed, and what it means.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::args::TuningArgs;
use super::group_plan::known_group;
use super::plan::Tuning;
use super::units;
use crate::failure::Outcome;
use crate::session::ServerUrl;

/// What is typed behind `keep`.
#[derive(Debug, Args)]
pub struct KeepArgs {
    /// A group of yours: its two words, like lively-otter, or its name
    pub group: String,
    /// Where to keep it; what is removed from the group is deleted there
    #[arg(short, long, env = "NATIVE_PEER_OUTPUT", hide_env_values = true, value_name = "DIR", default_value = "kept")]
    pub output: PathBuf,
    /// Keep no more than this, the oldest files first, for instance 200G [default: everything]
    #[arg(long, env = "NATIVE_PEER_QUOTA", hide_env_values = true, value_name = "SIZE", value_parser = units::parse_size)]
    pub quota: Option<u64>,
    /// Keep files for so long after they were added, for instance 30d [default: for as long as the group has them]
    #[arg(long, env = "NATIVE_PEER_EXPIRES", hide_env_values = true, value_name = "TIME", value_parser = units::parse_duration)]
    pub expires: Option<Duration>,
    /// How hard to work.
    #[command(flatten)]
    pub tuning: TuningArgs,
}

/// A group whose files are to be held.
#[derive(Debug)]
pub struct Keep {
    pub server: ServerUrl,
    /// As typed.
    pub group: String,
    /// Holds a folder for each group.
    pub folder: PathBuf,
    /// Of all files together.
    pub quota: Option<u64>,
    /// After a file was added.
    pub expires: Option<Duration>,
    pub tuning: Tuning,
}

/// # Errors
/// A server that is none.
pub fn plan_keep(args: KeepArgs, server: &str) -> Outcome<Keep> {
    let (group, server) = known_group(&args.group, server)?;
    Ok(Keep {
        server,
        group,
        folder: args.output,
        quota: args.quota,
        expires: args.expires,
        tuning: args.tuning.tuning(),
    })
}
