//! A file that somebody still writes to is not shared yet: its link would lead to a torrent of half of it.

use std::time::{Duration, SystemTime};

use tokio::time::Instant;

use super::Source;
use super::words::{Words, still_written};
use crate::failure::Outcome;
use crate::report::{Report, text};
use crate::storage::FileStamp;

/// What nobody wrote to for so long is complete. Programs that write a file write more often than that.
const QUIET: Duration = Duration::from_secs(2);

/// Waits until nobody writes to it, but no longer than `patience`; without any it is not looked at.
///
/// # Errors
/// Somebody still does; it is gone or cannot be read.
pub async fn settled(source: Source, takes_hidden: bool, patience: Duration, report: &Report) -> Outcome<Source> {
    let path = source.path().to_path_buf();
    wait(source, patience, report, async || Source::open_elsewhere(&path, takes_hidden, None).await).await
}

/// The same of something that was opened before, with the places of its files that only reading can tell from what they
/// were.
///
/// # Errors
/// Somebody still writes to it, or it is certainly not what it was.
pub async fn settled_again(
    before: &Source,
    words: Words,
    patience: Duration,
    report: &Report,
) -> Outcome<(Source, Vec<usize>)> {
    let again = || before.again(words).map(|(now, _)| now);
    wait(again()?, patience, report, async || again()).await?;
    before.again(words)
}

async fn wait(
    mut source: Source,
    patience: Duration,
    report: &Report,
    mut look: impl AsyncFnMut() -> Outcome<Source>,
) -> Outcome<Source> {
    let deadline = Instant::now() + patience;
    let mut is_told = false;
    while let Some(rest) = source.unquiet().filter(|_| !patience.is_zero()) {
        tokio::time::sleep(rest).await;
        let now = look().await?;
        let Some(how) = source.written_since(&now) else {
            return Ok(now);
        };
        if Instant::now() >= deadline {
            return Err(still_written(now.path(), &how));
        }
        if !std::mem::replace(&mut is_told, true) {
            let (path, patience) = (now.path().display(), text::elapsed(patience));
            report.note(&format!(
                "{path} is still being written: {how}. Waiting {patience} at most for its end (--settle)."
            ));
        }
        source = now;
    }
    Ok(source)
}

impl Source {
    /// For how long it has to be left alone; `None`: it was.
    fn unquiet(&self) -> Option<Duration> {
        let last = self.stamps().iter().filter_map(|(_, stamp)| stamp.modified).max()?;
        // A clock that was set back: it is looked at once more.
        let age = SystemTime::now().duration_since(last).unwrap_or_default();
        QUIET.checked_sub(age).filter(|rest| !rest.is_zero())
    }

    /// How it was written to; `None`: it was not.
    fn written_since(&self, now: &Self) -> Option<String> {
        let (before, after) = (self.stamps(), now.stamps());
        let is_same = |((name, stamp), (other, now)): (&(String, FileStamp), &(String, FileStamp))| {
            name == other && stamp.is_unchanged(now)
        };
        if before.len() == after.len() && before.iter().zip(&after).all(is_same) {
            return None;
        }
        let len = |stamps: &[(String, FileStamp)]| stamps.iter().map(|(_, stamp)| stamp.len).sum::<u64>();
        let grown = len(&after).checked_sub(len(&before)).filter(|grown| *grown > 0);
        Some(grown.map_or_else(|| "it is written to".to_owned(), |grown| format!("it grew by {}", text::size(grown))))
    }
}
