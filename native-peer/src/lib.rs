//! The command line peer: shares a file with a link, downloads from everybody who has pieces. It keeps no
//! state but an identity and remembered hashes; what a download has is in its `.part` file.
//!
//! Read in this order:
//! - [`cli`]: what was typed, and what it means.
//! - `share`, `download`, `bridging`, `keep`, `groups`, `identity`, `torrent`, `torrent_files`: the commands, step by step.
//! - [`session`]: the conversation with the tracker.
//! - [`swarm`]: a swarm: the task that drives a local peer.
//! - `discovery`: how peers are found outside of groups; [`web_seed`]: servers that are peers; `http`: how both are asked.
//! - [`links`], [`storage`], [`hashing`]: what it works with.
//! - [`report`]: what the person and scripts get to know.

mod bridging;
pub mod cli;
mod discovery;
mod download;
pub mod exit_code;
pub mod failure;
mod groups;
pub mod hashing;
mod http;
pub mod identity;
mod interrupt;
mod invites;
mod keep;
pub mod links;
mod metadata;
mod named_admins;
mod online;
mod random;
pub mod report;
mod server;
pub mod session;
mod share;
mod source;
mod standing;
pub mod storage;
pub mod swarm;
mod torrent;
mod torrent_files;
pub mod web_seed;
mod wished_names;

use std::process::ExitCode;
use std::time::Duration;

use clap::{CommandFactory, Parser};
use tracing_subscriber::EnvFilter;

use cli::{CommandLine, Plan, Setup};
use failure::{Failure, Outcome};
use report::Report;

/// Log filter; replaces what `-v` says.
const LOG_ENV: &str = "NATIVE_PEER_LOG";
/// For threads that still hash or write when the command is over.
const SHUTDOWN_TIMEOUT: Duration = Duration::from_millis(500);

/// The whole program.
pub fn run() -> ExitCode {
    let typed = match CommandLine::try_parse() {
        Ok(typed) => typed,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(error.exit_code() as u8);
        }
    };
    let setup = typed.global.setup();
    start_log(setup.verbosity);
    let report = Report::new(setup.style);
    match typed.plan().and_then(|plan| execute(plan, &setup, &report)) {
        Ok(()) => ExitCode::from(exit_code::OK),
        Err(failure) => {
            report.error(&failure);
            ExitCode::from(failure.exit)
        }
    }
}

fn start_log(verbosity: u8) {
    let default = match verbosity {
        0 => "error",
        1 => "native_peer=info,warn",
        _ => "native_peer=debug,info",
    };
    let filter = EnvFilter::try_from_env(LOG_ENV).unwrap_or_else(|_| EnvFilter::new(default));
    // A log that cannot be written ends nobody's work.
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).log_internal_errors(false);
    // A second start in one process (tests) keeps the first log.
    let _ = log.try_init();
}

fn execute(plan: Plan, setup: &Setup, report: &Report) -> Outcome {
    match plan {
        Plan::Info(target) => torrent_files::info(&target, report),
        Plan::Completions(shell) => {
            clap_complete::generate(shell, &mut CommandLine::command(), "native-peer", &mut std::io::stdout());
            Ok(())
        }
        Plan::Group(plan) => block_on(groups::group(plan, setup, report.clone())),
        Plan::Identity(task) => identity::command::run(&task, setup, report),
        Plan::Bridge(plan) => block_on(bridging::bridge(plan, setup, report.clone())),
        Plan::Keep(plan) => block_on(keep::keep(plan, setup, report.clone())),
        Plan::Create(plan) => block_on(torrent_files::create(plan, report)),
        Plan::Share(plan) => block_on(share::share(plan, setup, report.clone())),
        Plan::Download(plan) => block_on(download::download(plan, setup, report.clone())),
        Plan::DownloadTorrent(plan) => block_on(torrent::download(*plan, setup, report.clone())),
        Plan::Seed(plan) => block_on(torrent::seed(plan, setup, report.clone())),
    }
}

fn block_on(command: impl Future<Output = Outcome>) -> Outcome {
    install_tls();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::unexpected(format!("cannot start: {error}")))?;
    let outcome = runtime.block_on(Box::pin(command));
    runtime.shutdown_timeout(SHUTDOWN_TIMEOUT);
    outcome
}

#[cfg(feature = "tls")]
fn install_tls() {
    transport::tls::install_provider();
}

#[cfg(not(feature = "tls"))]
fn install_tls() {}
