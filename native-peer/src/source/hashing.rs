//! Hashing that is shown while it goes on.

use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::Layout;
use tokio_util::task::AbortOnDropHandle;

use crate::hashing::{CancelOnDrop, HashProgress, PieceDigest, hash_pieces, threads};
use crate::storage::Content;

/// How often it is shown.
const SHOW_EVERY: Duration = Duration::from_millis(100);

/// Hashing on its own threads; ends early when this is dropped.
pub struct Hashing {
    progress: Arc<HashProgress>,
    task: AbortOnDropHandle<std::io::Result<Vec<(u32, PieceDigest)>>>,
    _cancel: CancelOnDrop,
}

impl Hashing {
    /// Begins.
    pub fn start(content: Arc<Content>, layout: Layout, pieces: Vec<u32>) -> Self {
        let progress = Arc::new(HashProgress::default());
        let shared = progress.clone();
        let task = tokio::task::spawn_blocking(move || hash_pieces(&content, &layout, &pieces, threads(), &shared));
        Self { _cancel: CancelOnDrop(progress.clone()), progress, task: AbortOnDropHandle::new(task) }
    }

    /// Waits, and shows bytes done and bytes per second meanwhile.
    ///
    /// # Errors
    /// What reading says.
    pub async fn finish(mut self, show: &mut impl FnMut(u64, u64)) -> std::io::Result<Vec<(u32, PieceDigest)>> {
        let started = Instant::now();
        let mut ticks = tokio::time::interval(SHOW_EVERY);
        loop {
            tokio::select! {
                result = &mut self.task => {
                    self.show(started, show);
                    return result.map_err(std::io::Error::other)?;
                }
                _ = ticks.tick() => self.show(started, show),
            }
        }
    }

    /// The same, shown to nobody.
    ///
    /// # Errors
    /// What reading says.
    pub async fn finish_unseen(self) -> std::io::Result<Vec<(u32, PieceDigest)>> {
        self.finish(&mut |_, _| ()).await
    }

    fn show(&self, started: Instant, show: &mut impl FnMut(u64, u64)) {
        let done = self.progress.done();
        show(done, (done as f64 / started.elapsed().as_secs_f64().max(0.001)) as u64);
    }
}
