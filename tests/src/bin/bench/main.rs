//! `cargo xtask bench`: how Covey compares with plain yardsticks, and with another commit of itself, all
//! measured in one run on one machine. Absolute figures differ from machine to machine; the ratios are what to
//! look at.

mod bare_records;
mod bare_websocket;
mod bare_workers;
mod browser;
mod browser_rounds;
mod builds;
mod costs;
mod first_block;
mod hashing;
mod login;
mod machine;
mod native;
mod native_rounds;
mod options;
mod pages;
mod report;
mod rounds;
mod server;
mod usage;
mod yardsticks;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;
use covey_tests::Stage;

use builds::Build;
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
    let report = if options.server {
        measure_server(&options).await?
    } else if options.browser {
        measure_browser(&options).await?
    } else {
        measure_programs(&options).await?
    };
    if options.json {
        println!("{}", report.json());
    } else {
        print!("{}", report.text());
    }
    Ok(())
}

async fn measure_server(options: &Options) -> Result<Report> {
    let mut report = Report::new(machine::describe(), None);
    server::measure(options, &mut report).await?;
    Ok(report)
}

async fn measure_browser(options: &Options) -> Result<Report> {
    let builds: Vec<Build> = [Some(Build::this()?), Build::other()?].into_iter().flatten().collect();
    let mut report = Report::new(machine::describe(), builds.get(1).map(|build| build.name.clone()));
    browser::measure(&builds, options, &mut report).await?;
    Ok(report)
}

async fn measure_programs(options: &Options) -> Result<Report> {
    // In memory where there is such a place: disks are not what is measured.
    let shared_memory = Path::new("/dev/shm");
    let parent = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
    let stage = Stage::open("bench", &parent)?;
    let report =
        if options.native { measure_native(&stage, options).await } else { measure_builds(&stage, options).await };
    if report.is_err() {
        stage.show_all().await;
    }
    report
}

async fn measure_native(stage: &Stage, options: &Options) -> Result<Report> {
    let mut report = Report::new(machine::describe(), None);
    native::measure(stage, &Build::this()?, options, &mut report).await?;
    Ok(report)
}

async fn measure_builds(stage: &Stage, options: &Options) -> Result<Report> {
    let second = if options.encryption { Some(Build::this()?.without_encryption()) } else { Build::other()? };
    let builds: Vec<Build> = [Some(Build::this()?), second].into_iter().flatten().collect();
    measure_all(stage, &builds, options).await
}

async fn measure_all(stage: &Stage, builds: &[Build], options: &Options) -> Result<Report> {
    let other = builds.get(1).map(|build| build.name.clone());
    let mut report = Report::new(machine::describe(), other);
    let has_other = builds.len() > 1;
    if options.wants("hashing") {
        hashing::measure(stage, builds, options, &mut report).await?;
    }
    if options.wants("yardsticks") {
        yardsticks::measure(stage, &builds[0], options, &mut report).await?;
    }
    if has_other && options.wants("native") {
        native_rounds::measure(stage, builds, options, &mut report).await?;
    }
    if has_other && options.encryption && options.wants("block") {
        first_block::measure(stage, builds, options, &mut report).await?;
    }
    if options.wants("browser") {
        browser_rounds::measure(stage, builds, options, &mut report).await?;
    }
    if options.wants("login") {
        login::measure(stage, builds, options, &mut report).await?;
    }
    if has_other && options.wants("costs") {
        costs::measure(builds, options, &mut report).await?;
    }
    Ok(report)
}
