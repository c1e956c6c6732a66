//! Waiting for an event that does not announce itself, with a deadline.

use std::path::Path;
use std::time::Duration;

use anyhow::{Result, bail};
use tokio::time::Instant;

/// For whatever takes no time by itself: a start, a reply, a page's reaction.
pub const SOON: Duration = Duration::from_secs(30);
/// For moving a file.
pub const TRANSFER: Duration = Duration::from_secs(150);

const LOOK_EVERY: Duration = Duration::from_millis(40);

/// Looks again and again until `look` sees it.
///
/// # Errors
/// What `look` fails with, or the deadline, in which case `what` says what did not happen.
pub async fn until<T>(what: &str, within: Duration, mut look: impl AsyncFnMut() -> Result<Option<T>>) -> Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(seen) = look().await? {
            return Ok(seen);
        }
        if Instant::now() >= deadline {
            bail!("{what}: did not happen within {} s", within.as_secs());
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}

/// Waits for a file of this length.
///
/// # Errors
/// If it is not there in time.
pub async fn until_file(path: &Path, len: u64, within: Duration) -> Result<()> {
    let what = format!("{} of {len} bytes", path.display());
    until(&what, within, async || {
        let found = tokio::fs::metadata(path).await.map(|found| found.len());
        Ok((found.ok() == Some(len)).then_some(()))
    })
    .await
}
