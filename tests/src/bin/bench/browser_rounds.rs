//! One tab, two native seeders, beside a bare WebSocket into a worker of the same browser.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use covey_tests::devtools::{TabMemory, tab_memory};
use covey_tests::wait::SOON;
use covey_tests::{Browser, NativePeer, Stage, Tracker};
use fantoccini::wd::TimeoutConfiguration;

use crate::bare_websocket::{BareServer, Receiver};
use crate::hashing::rate;
use crate::options::Options;
use crate::report::{Aim, Report, Row, median};

/// For one download, however slow the machine.
const DOWNLOAD_MAX: Duration = Duration::from_secs(600);
const MEMORY_AIM_MIB: f64 = 256.0;

/// Adds the rate and the memory to the report.
pub async fn measure(stage: &Stage, options: &Options, report: &mut Report) -> Result<()> {
    let len = options.browser_len;
    eprintln!("==> Browser download of {len} bytes from two seeders, and a bare WebSocket");
    let tracker = Tracker::start(stage).await?;
    let file = stage.file("film.bin", len)?;
    let ana = NativePeer::share(stage, "Ana", &file, &tracker.url(), &[])?;
    let invite = ana.invite().await?;
    ana.ready().await?;
    let bo = NativePeer::download(stage, "Bo", &invite, &stage.subfolder("Bo-files")?, &["--seed"])?;
    bo.done().await?;

    let (mut covey, mut copied, mut kept) = (Vec::new(), Vec::new(), Vec::new());
    let mut memory = TabMemory::default();
    for round in 0..options.rounds {
        copied.push(rate(len, bare(stage, round, Receiver::Copies, len).await?));
        kept.push(rate(len, bare(stage, round, Receiver::Keeps, len).await?));
        let (took, used) = download(stage, round, &invite, &file).await?;
        covey.push(rate(len, took));
        memory = used;
    }
    let row = |yardstick: &str, plain: Vec<f64>, aim| Row {
        what: "browser download over the relay, two seeders".to_owned(),
        covey: median(covey.clone()),
        yardstick: yardstick.to_owned(),
        plain: median(plain),
        unit: "MB/s",
        aim,
    };
    report.add(row("bare WebSocket receive into a worker", copied, Aim::AtLeast(0.6)));
    report.add(row("the same worker, also hashing and keeping every MiB as a Blob", kept, Aim::Open));
    let mib = |bytes: u64| bytes as f64 / f64::from(1 << 20);
    report.add(Row {
        what: format!("WASM ({:.0}) + JS heap ({:.0}) at its end", mib(memory.wasm), mib(memory.js_heap)),
        covey: mib(memory.wasm + memory.js_heap),
        yardstick: "the bound".to_owned(),
        plain: MEMORY_AIM_MIB,
        unit: "MiB",
        aim: Aim::AtMost(1.0),
    });
    Ok(())
}

async fn bare(stage: &Stage, round: usize, receiver: Receiver, len: u64) -> Result<Duration> {
    let server = BareServer::start(receiver, len).await?;
    let browser = stage.browser(&format!("{receiver:?}-{round}")).await?;
    browser.open(&server.url()).await?;
    let milliseconds = observe(&browser, "document.body.dataset.milliseconds").await?;
    browser.close().await?;
    Ok(Duration::from_secs_f64(milliseconds.parse::<f64>()? / 1000.0))
}

/// From the press of the button to the last verified piece.
async fn download(stage: &Stage, round: usize, invite: &str, file: &Path) -> Result<(Duration, TabMemory)> {
    let browser = stage.browser(&format!("Cleo-{round}")).await?;
    browser.open(invite).await?;
    browser.until("a `join` button", SOON, |page| page.can_join.then_some(())).await?;
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
