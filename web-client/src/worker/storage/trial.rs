//! Tries the disk, before anybody joins anything.

use web_sys::FileSystemDirectoryHandle;

use super::lock::Lock;
use super::opfs::{self, SyncFile};
use crate::browser_name::is_chromium;
use crate::storing::Disk;
use crate::storing::trial::{TINY_WRITES, WRITE_LEN, WRITES, verdict};
use crate::worker::clock::Now;
use crate::worker::crypto::random_u64;
use crate::worker::scope::scope;

/// Files of trials begin so.
const TRIAL: &str = "trial-";

/// What becomes of trying it.
pub(in crate::worker) async fn try_disk() -> Disk {
    let Some(folder) = opfs::folder().await else {
        return Disk::Missing;
    };
    // A trial takes all the room that there is: two at once would each find little.
    let _lock = Lock::take(TRIAL).await;
    remove_others(&folder).await;
    let name = format!("{TRIAL}{:016x}", random_u64());
    let Ok(file) = SyncFile::open(&folder, &name).await else {
        return Disk::Failing;
    };
    let mut times_ms = time_writes(&file);
    if !is_chromium(&scope().navigator().user_agent().unwrap_or_default()) {
        // There they do not tell a private window.
        times_ms.fill(0.0);
    }
    let disk = verdict(&times_ms, |len| file.set_len(len).is_ok());
    drop(file);
    // What is left of it is removed before the next one.
    let _ = opfs::remove(&folder, &name).await;
    disk
}

/// Those of tabs that were killed.
async fn remove_others(folder: &FileSystemDirectoryHandle) {
    for name in opfs::names(folder).await.unwrap_or_default() {
        if name.starts_with(TRIAL) {
            // Fails while it is open.
            let _ = opfs::remove(folder, &name).await;
        }
    }
}

/// What each took, milliseconds; none if one of them failed.
fn time_writes(file: &SyncFile) -> Vec<f64> {
    let bytes = vec![0x5a; WRITE_LEN];
    let times = (0..WRITES as u64).map(|at| {
        let begun = Now::read();
        file.write(at * WRITE_LEN as u64, &bytes).ok()?;
        for byte in 0..TINY_WRITES {
            file.write(byte as u64, &bytes[..1]).ok()?;
        }
        Some(Now::read().since_ms(begun))
    });
    times.collect::<Option<Vec<f64>>>().unwrap_or_default()
}
