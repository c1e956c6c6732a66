//! `cargo xtask bench`: how Covey compares with plain yardsticks, all measured in one run on one
//! machine. Absolute figures differ from machine to machine; the ratios are what to look at.

mod bare_websocket;
mod browser_rounds;
mod hashing;
mod machine;
mod native_rounds;
mod options;
mod report;
mod usage;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use covey_tests::Stage;

use options::Options;
use report::Report;

#[tokio::main]
async fn main() -> ExitCode {
    match measure().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn measure() -> Result<()> {
    let options = Options::parse(std::env::args().skip(1))?;
    // In memory where there is such a place: disks are not what is measured.
    let shared_memory = Path::new("/dev/shm");
    let parent = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
    let stage = Stage::open("bench", &parent)?;
    let report = match measure_all(&stage, &options).await {
        Ok(report) => report,
        Err(error) => {
            stage.show_all().await;
            return Err(error);
        }
    };
    if options.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(())
}

async fn measure_all(stage: &Stage, options: &Options) -> Result<Report> {
    let mut report = Report::new(machine::describe());
    hashing::measure(stage, options, &mut report).await?;
    native_rounds::measure(stage, options, &mut report).await?;
    browser_rounds::measure(stage, options, &mut report).await?;
    Ok(report)
}
