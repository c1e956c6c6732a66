//! A part of a download that is still written to, copied into a file of its own.

use std::ops::Range;

use web_sys::Blob;

use crate::saving::{Trouble, steps};
use crate::worker::Handle;
use crate::worker::storage::Copy;

/// Copies it step by step, so that links are served meanwhile.
pub(super) async fn copy_out(handle: &Handle, key: u64, bytes: Range<u64>) -> Result<Blob, Trouble> {
    let copy = Copy::begin(bytes.end - bytes.start).await.map_err(|_| Trouble::NoRoom)?;
    let begin = bytes.start;
    for step in steps(bytes) {
        let mut read = Err("it was stopped".to_owned());
        handle.run(|driver| {
            if let Some(transfer) = driver.swarms.transfer(key) {
                read = transfer.storage.read(&step);
            }
        });
        let read = read.map_err(Trouble::Unreadable)?;
        copy.write(step.start - begin, &read).map_err(|_| Trouble::NoRoom)?;
        // Others have their turn.
        crate::worker::scope::pause(0).await;
    }
    copy.finish().await.map_err(Trouble::Unreadable)
}
