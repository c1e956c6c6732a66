//! Blobs of a download that go to the browser's database as they are made.

use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;

use super::{Pieces, Storage};
use crate::storing::batches::Batch;

impl Storage {
    /// Makes a Blob of what is none yet, where it is kept.
    pub(super) fn flush_blobs(&mut self) -> Result<(), String> {
        let Pieces::Blobs(blobs) = &mut self.pieces else {
            return Ok(());
        };
        let Some(keeper) = &mut self.keeper else {
            return Ok(());
        };
        match blobs.flush() {
            Ok(Some(blob)) => self.keep_last(&blob),
            Ok(None) => {}
            Err(why) => {
                keeper.on_refused();
                return Err(why);
            }
        }
        Ok(())
    }

    /// Begins to keep the Blob that was made last.
    pub(super) fn keep_last(&mut self, blob: &Blob) {
        let (Pieces::Blobs(blobs), Some(keeper)) = (&self.pieces, &mut self.keeper) else {
            return;
        };
        let (number, pieces) = blobs.last_batch();
        let keeping = keeper.keep(number, pieces, blob);
        let (transfer, handle) = (self.transfer, self.handle.clone());
        spawn_local(async move {
            let (batch, kept) = keeping.finish().await;
            handle.run(|driver| driver.on_batch_kept(transfer, batch, kept));
        });
    }

    /// The browser's database has a Blob, or has no room for it: then it stays in memory, and so do those after it. Whether it has it.
    pub(in crate::worker) fn on_batch_kept(&mut self, batch: Batch, kept: Option<Blob>) -> bool {
        let Some(kept) = kept else {
            self.keeper = None;
            return false;
        };
        if let (Pieces::Blobs(blobs), Some(keeper)) = (&mut self.pieces, &mut self.keeper) {
            // Memory is not needed for it any more.
            blobs.replace(batch.number, kept);
            keeper.on_kept(batch);
        }
        true
    }
}
