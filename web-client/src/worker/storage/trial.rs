//! Tries the disk, before anybody joins anything.

use super::opfs::{self, SyncFile};
use crate::storing::Disk;
use crate::storing::trial::{TINY_WRITES, WRITE_LEN, WRITES, verdict};
use crate::worker::clock::Now;
use crate::worker::crypto::random_u64;

/// Files of trials begin so.
pub(super) const TRIAL: &str = "trial-";

/// What becomes of trying it.
pub(in crate::worker) async fn try_disk() -> Disk {
    let Some(folder) = opfs::folder().await else {
        return Disk::Missing;
    };
    let name = format!("{TRIAL}{:016x}", random_u64());
    let Ok(file) = SyncFile::open(&folder, &name).await else {
        return Disk::Failing;
    };
    let disk = verdict(&time_writes(&file), |len| file.set_len(len).is_ok());
    drop(file);
    // What is left of it is removed at the next start.
    let _ = opfs::remove(&folder, &name).await;
    disk
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
