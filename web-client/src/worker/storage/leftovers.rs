//! Files of earlier visits, and of tabs that are open beside this one.

use std::collections::BTreeSet;

use web_sys::FileSystemDirectoryHandle;
use wire_protocol::ids::InfoHash;

use super::copy::COPY;
use super::disk::lock_name;
use super::lock::Lock;
use super::opfs;

/// What lies on the browser's disk.
pub(in crate::worker) struct Leftovers {
    /// Torrents of which there is a file.
    pub(in crate::worker) files: BTreeSet<InfoHash>,
}

/// Looks, and removes what nobody knows: `is_known` says of which torrents there is a note.
pub(in crate::worker) async fn look(is_known: impl Fn(&InfoHash) -> bool) -> Option<Leftovers> {
    let folder = opfs::folder().await?;
    let mut files = BTreeSet::new();
    for name in opfs::names(&folder).await.ok()? {
        match name.parse::<InfoHash>() {
            Ok(known) if is_known(&known) => {
                files.insert(known);
            }
            Ok(_) => tidy(&folder, &name).await,
            // One that is being saved stays: its lock is held.
            Err(_) if name.starts_with(COPY) => tidy(&folder, &name).await,
            Err(_) => {}
        }
    }
    Some(Leftovers { files })
}

/// Removes a torrent's file, unless another tab has it open. This one may just have closed it.
pub(in crate::worker) async fn remove(torrent: InfoHash) {
    let name = torrent.to_string();
    if let (Some(folder), Some(_lock)) = (opfs::folder().await, Lock::take(&lock_name(&name)).await) {
        // Fails if it is gone.
        let _ = opfs::remove(&folder, &name).await;
    }
}

/// Torrents whose files a tab has open now.
pub(in crate::worker) async fn open_files() -> BTreeSet<InfoHash> {
    let prefix = lock_name("");
    let held = Lock::held().await.into_iter();
    held.filter_map(|name| name.strip_prefix(&prefix)?.parse().ok()).collect()
}

async fn tidy(folder: &FileSystemDirectoryHandle, name: &str) {
    if let Some(_lock) = Lock::take_if_free(&lock_name(name)).await {
        // Fails while it is open.
        let _ = opfs::remove(folder, name).await;
    }
}
