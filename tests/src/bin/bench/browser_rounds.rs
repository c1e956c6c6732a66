//! One tab, two native seeders: both builds in turn, and beside this one a bare WebSocket into a worker of the
//! same browser.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use covey_tests::devtools::{TabMemory, tab_memory};
use covey_tests::{Browser, Process, Stage};
use fantoccini::wd::TimeoutConfiguration;

use crate::bare_websocket::{BareServer, Receiver};
use crate::builds::{Build, Server, Sharer};
use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Comparison, Report, Row, median};
use crate::rounds::order;

/// For one download, however slow the machine.
const DOWNLOAD_MAX: Duration = Duration::from_secs(600);
const MEMORY_AIM_MIB: f64 = 256.0;
const PURPOSE: &str = "browser";

/// One build's server and seeders, and what its downloads took.
struct Contestant<'a> {
    build: &'a Build,
    server: Server,
    seeder: Sharer,
    _second: Process,
    /// Megabytes (10^6) per second.
    rates: Vec<f64>,
    /// Processor seconds of the server per GiB.
    server_seconds: Vec<f64>,
    /// MiB of WASM and of the JS heap at the end.
    wasm: Vec<f64>,
    heap: Vec<f64>,
}

/// Adds the rate and the memory to the report.
pub async fn measure(stage: &Stage, builds: &[Build], options: &Options, report: &mut Report) -> Result<()> {
    let len = options.browser_len;
    eprintln!("==> Browser download of {len} bytes from two seeders, and a bare WebSocket");
    let file = stage.file("film.bin", len)?;
    let mut contestants = Vec::new();
    for build in builds {
        contestants.push(Contestant::enter(stage, build, &file).await?);
    }
    let (mut copied, mut kept) = (Vec::new(), Vec::new());
    for round in 0..options.rounds {
        if !options.encryption {
            copied.push(rate(len, bare(stage, round, Receiver::Copies, len).await?));
            kept.push(rate(len, bare(stage, round, Receiver::Keeps, len).await?));
        }
        for turn in order(contestants.len(), round) {
            contestants[turn].download(stage, round, &file, len).await?;
        }
    }
    std::fs::remove_file(&file)?;
    if !options.encryption {
        add_yardsticks(report, &contestants[0], copied, kept);
    }
    compare(report, &contestants, options);
    Ok(())
}

fn add_yardsticks(report: &mut Report, this: &Contestant, copied: Vec<f64>, kept: Vec<f64>) {
    let row = |yardstick: &str, plain: Vec<f64>, aim| Row {
        what: "browser download over the relay, two seeders".to_owned(),
        covey: median(this.rates.clone()),
        yardstick: yardstick.to_owned(),
        plain: median(plain),
        unit: "MB/s",
        aim,
    };
    report.add(row("bare WebSocket receive into a worker", copied, Aim::AtLeast(0.6)));
    report.add(row("the same worker, also hashing and keeping every MiB as a Blob", kept, Aim::Open));
    let (wasm, heap) = (median(this.wasm.clone()), median(this.heap.clone()));
    report.add(Row {
        what: format!("WASM ({wasm:.0}) + JS heap ({heap:.0}) at its end"),
        covey: wasm + heap,
        yardstick: "the bound".to_owned(),
        plain: MEMORY_AIM_MIB,
        unit: "MiB",
        aim: Aim::AtMost(1.0),
    });
}

fn compare(report: &mut Report, contestants: &[Contestant], options: &Options) {
    let [this, other] = contestants else { return };
    let mut compare = |what: &str, unit, pick: fn(&Contestant) -> Vec<f64>, aim| {
        let what = what.to_owned();
        report.compare(Comparison { what, unit, this: pick(this), other: pick(other), aim });
    };
    compare("browser download over the relay, two seeders", "MB/s", |of| of.rates.clone(), options.rate_aim(0.9));
    compare("processor time of the server, browser", "s/GiB", |of| of.server_seconds.clone(), Aim::Open);
    compare("WASM memory of the tab", "MiB", |of| of.wasm.clone(), Aim::Open);
    compare("JS heap of the tab, garbage included", "MiB", |of| of.heap.clone(), Aim::Open);
}

impl<'a> Contestant<'a> {
    async fn enter(stage: &Stage, build: &'a Build, file: &Path) -> Result<Self> {
        let server = build.serve(stage, PURPOSE).await?;
        let seeder = build.share(stage, PURPOSE, file, &server, &[]).await?;
        let second = build.join(stage, PURPOSE, &seeder.invite, file).await?;
        let (rates, server_seconds, wasm, heap) = Default::default();
        Ok(Self { build, server, seeder, _second: second, rates, server_seconds, wasm, heap })
    }

    async fn download(&mut self, stage: &Stage, round: usize, file: &Path, len: u64) -> Result<()> {
        let before = self.server.cpu_seconds()?;
        let who = self.build.folder("tab", &round.to_string());
        let switched_off_at = (!self.build.is_encrypted).then_some(self.server.url.as_str());
        let (took, memory) = download_from(stage, &who, &self.seeder.invite, switched_off_at, file).await?;
        let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
        let gib = len as f64 / f64::from(1 << 30);
        self.rates.push(rate(len, took));
        self.server_seconds.push((self.server.cpu_seconds()? - before) / gib);
        self.wasm.push(mib(memory.wasm));
        self.heap.push(mib(memory.js_heap));
        Ok(())
    }
}

async fn bare(stage: &Stage, round: usize, receiver: Receiver, len: u64) -> Result<Duration> {
    let server = BareServer::start(receiver, len).await?;
    let browser = stage.browser(&format!("{receiver:?}-{round}")).await?;
    browser.open(&server.url()).await?;
    browser.click("join").await?;
    let milliseconds = observe(&browser, "document.body.dataset.milliseconds").await?;
    browser.close().await?;
    Ok(Duration::from_secs_f64(milliseconds.parse::<f64>()? / 1000.0))
}

/// From the press of the button to the last verified piece.
pub async fn download(stage: &Stage, who: &str, invite: &str, file: &Path) -> Result<(Duration, TabMemory)> {
    download_from(stage, who, invite, None, file).await
}

/// The same; encryption is switched off at this server.
async fn download_from(
    stage: &Stage,
    who: &str,
    invite: &str,
    switched_off_at: Option<&str>,
    file: &Path,
) -> Result<(Duration, TabMemory)> {
    let browser = stage.browser(who).await?;
    if let Some(server) = switched_off_at {
        browser.open(server).await?;
        browser.client().execute(SWITCH_ENCRYPTION_OFF, vec![]).await?;
    }
    browser.open(invite).await?;
    observe(&browser, BUTTON_CAN_BE_PRESSED).await?;
    let started = Instant::now();
    browser.click("join").await?;
    let state = observe(&browser, STATE_AT_THE_END).await?;
    let took = started.elapsed();
    ensure!(state == "done", "the download failed: {:?}", browser.page().await?);
    let memory = tab_memory(&browser).await?;
    browser.saved(file).await?;
    std::fs::remove_dir_all(browser.downloads())?;
    browser.close().await?;
    Ok((took, memory))
}

const SWITCH_ENCRYPTION_OFF: &str = "localStorage.setItem('covey-measures-unencrypted', 'yes')";

const BUTTON_CAN_BE_PRESSED: &str =
    "((button) => button && !button.disabled && 'yes')(document.querySelector('[data-testid=\"join\"]'))";

const STATE_AT_THE_END: &str =
    "((state) => ['done', 'failed'].includes(state) && state)(document.querySelector('[data-state]')?.dataset.state)";

/// Waits until an expression of the page is truthy, without looking again and again: whoever asks a
/// page 25 times a second slows it down.
async fn observe(browser: &Browser, expression: &str) -> Result<String> {
    let script = format!(
        "const done = arguments[arguments.length - 1];
        const look = () => {{ const value = {expression}; if (value) {{ observer.disconnect(); done(value); }} }};
        const observer = new MutationObserver(look);
        observer.observe(document, {{ subtree: true, childList: true, attributes: true }});
        look();"
    );
    let timeouts = TimeoutConfiguration::new(Some(DOWNLOAD_MAX), None, None);
    browser.client().update_timeouts(timeouts).await?;
    let value = browser.client().execute_async(&script, vec![]).await?;
    Ok(value.as_str().context("the page's value is a text")?.to_owned())
}
