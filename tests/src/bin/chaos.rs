//! `cargo xtask chaos`: the server under SIGKILL, for as long as one likes.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use covey_tests::SmallDisk;
use covey_tests::chaos::{Chaos, Report};

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<()> {
    let (chaos, is_json) = parse(std::env::args().skip(1))?;
    let program = std::env::var_os("COVEY_TRACKER_RELAY").map(PathBuf::from);
    let program = program.context("COVEY_TRACKER_RELAY is not set: use `cargo xtask chaos`")?;
    eprintln!("seed {}", chaos.seed);
    let report = tokio::select! {
        report = chaos.run(&program) => report?,
        // Dropped, it ends the server and unmounts its small disk.
        _ = tokio::signal::ctrl_c() => bail!("interrupted"),
    };
    print(&report, is_json);
    Ok(())
}

fn print(report: &Report, is_json: bool) {
    if is_json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
}

fn parse(mut typed: impl Iterator<Item = String>) -> Result<(Chaos, bool)> {
    let mut chaos = Chaos { kills: 1000, seed: fastrand::u64(..), time_max: None, fills_disks: can_fill_disks() };
    let mut is_json = false;
    while let Some(flag) = typed.next() {
        let mut number = || -> Result<u64> {
            let value = typed.next().with_context(|| format!("{flag} needs a number"))?;
            value.parse().with_context(|| format!("`{value}` is not a number"))
        };
        match flag.as_str() {
            "--kills" => chaos.kills = number()?.try_into().context("--kills: too many")?,
            "--seed" => chaos.seed = number()?,
            "--minutes" => chaos.time_max = Some(Duration::from_secs(number()?.saturating_mul(60))),
            "--json" => is_json = true,
            _ => bail!("chaos has no `{flag}`; it has --kills N, --seed N, --minutes M and --json"),
        }
    }
    Ok((chaos, is_json))
}

fn can_fill_disks() -> bool {
    let mounted = tempfile::tempdir()
        .map_err(anyhow::Error::from)
        .and_then(|folder| SmallDisk::mount(folder.path(), 1).map(drop));
    if let Err(error) = &mounted {
        eprintln!("No disk will be filled: {error:#}");
    }
    mounted.is_ok()
}
