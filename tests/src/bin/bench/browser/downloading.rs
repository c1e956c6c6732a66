//! One download into a tab: from the press of the button to the last verified piece, and what the browser used for it.

use std::time::Duration;

use anyhow::{Result, ensure};
use covey_tests::{Browser, Stage};

use super::family::{self, Used};
use super::tab::Tab;
use super::world::forget;
use crate::hashing::rate;

/// Covey's page, and a yardstick's that has the same button and the same end.
const PRESS_AND_WAIT: &str = "(async () => {
    const started = performance.now();
    by('join').click();
    const ends = ['done', 'failed'];
    const state = await until(() => ends.find((end) => end === document.querySelector('[data-state]')?.dataset.state));
    return state === 'done' ? performance.now() - started : document.body.innerText;
})()";

/// What it took.
pub struct Downloaded {
    /// Megabytes (10^6) per second.
    pub rate: f64,
    /// From the press to the end; memory is that at the end.
    pub used: Used,
}

impl Downloaded {
    pub fn cpu_seconds(&self) -> f64 {
        self.used.cpu_seconds()
    }

    pub fn memory_mib(&self) -> f64 {
        self.used.memory_mib()
    }
}

/// Downloads with a browser of its own, of which nothing is left.
///
/// # Errors
/// If it does not arrive.
pub async fn download(stage: &Stage, who: &str, url: &str, len: u64) -> Result<Downloaded> {
    let browser = stage.browser(who).await?;
    let mut tab = Tab::first(&browser).await?;
    tab.go(url).await?;
    tab.until_enabled("join").await?;
    let downloaded = press_and_wait(&browser, &mut tab, len).await?;
    forget(&browser).await?;
    Ok(downloaded)
}

/// The same in a tab that stands before the button.
///
/// # Errors
/// If it does not arrive.
pub async fn press_and_wait(browser: &Browser, tab: &mut Tab, len: u64) -> Result<Downloaded> {
    let before = family::look(browser.profile())?;
    let told = tab.ask(PRESS_AND_WAIT).await?;
    ensure!(told.is_number(), "the download failed: {told}");
    let used = family::look(browser.profile())?.since(&before);
    let took = Duration::from_secs_f64(told.as_f64().unwrap_or_default() / 1000.0);
    Ok(Downloaded { rate: rate(len, took), used })
}
