//! A file on the browser's disk that the browser's downloads read, and nobody writes to any more.

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, FileSystemDirectoryHandle};

use super::disk::lock_name;
use super::lock::Lock;
use super::opfs::{self, SyncFile};
use crate::worker::crypto::random_u64;

/// Files of that kind begin so.
pub(super) const COPY: &str = "copy-";
/// The browser's downloads have opened it by then, milliseconds.
const OPENED_AFTER_MS: u32 = 60_000;

/// One that is being written.
pub(in crate::worker) struct Copy {
    folder: FileSystemDirectoryHandle,
    name: String,
    file: SyncFile,
    /// Another tab would tidy it away.
    lock: Lock,
}

impl Copy {
    /// Takes the room for it.
    ///
    /// # Errors
    /// There is none.
    pub(in crate::worker) async fn begin(len: u64) -> Result<Self, String> {
        let folder = opfs::folder().await.ok_or("there is no disk")?;
        let name = format!("{COPY}{:016x}", random_u64());
        let lock = Lock::take(&lock_name(&name)).await.ok_or("it is taken")?;
        let file = SyncFile::open(&folder, &name).await.map_err(super::describe)?;
        if let Err(why) = file.set_len(len) {
            drop(file);
            let _ = opfs::remove(&folder, &name).await;
            return Err(why);
        }
        Ok(Self { folder, name, file, lock })
    }

    /// Writes a part of it.
    ///
    /// # Errors
    /// The disk did not take it.
    pub(in crate::worker) fn write(&self, at: u64, bytes: &[u8]) -> Result<(), String> {
        self.file.write(at, bytes)
    }

    /// All of it; it is removed once the browser's downloads have it open. (Those read on.)
    ///
    /// # Errors
    /// The browser does not hand it out.
    pub(in crate::worker) async fn finish(self) -> Result<Blob, String> {
        let Self { folder, name, file, lock } = self;
        let blob = file.snapshot().await;
        drop(file);
        let remove = move || {
            spawn_local(async move {
                // What is left of it is removed at the next start.
                let _ = opfs::remove(&folder, &name).await;
                drop(lock);
            });
        };
        Timeout::new(OPENED_AFTER_MS, remove).forget();
        blob
    }
}
