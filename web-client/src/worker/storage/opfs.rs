//! Files of the browser's own (OPFS), written and read without waiting, as only a worker can.

use js_sys::{AsyncIterator, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, File, FileSystemDirectoryHandle, FileSystemFileHandle, FileSystemGetDirectoryOptions,
    FileSystemGetFileOptions, FileSystemReadWriteOptions, FileSystemSyncAccessHandle,
};

use super::{OPAQUE, describe};
use crate::screen::downloads::short_write;
use crate::storing::all_kept;
use crate::worker::scope::scope;

const FOLDER: &str = "pieces";
/// More at once is slower on some machines, bytes.
const WRITE_LEN_MAX: usize = 1 << 20;

/// Where the files are; `None`: this page has no such place.
pub(super) async fn folder() -> Option<FileSystemDirectoryHandle> {
    let storage = scope().navigator().storage();
    // Without HTTPS there is no `navigator.storage`, whatever its type says.
    if storage.is_undefined() || !has(&storage, "getDirectory") {
        return None;
    }
    let root: FileSystemDirectoryHandle = JsFuture::from(storage.get_directory()).await.ok()?.dyn_into().ok()?;
    let options = FileSystemGetDirectoryOptions::new();
    options.set_create(true);
    JsFuture::from(root.get_directory_handle_with_options(FOLDER, &options)).await.ok()?.dyn_into().ok()
}

/// Names of all files.
pub(super) async fn names(folder: &FileSystemDirectoryHandle) -> Result<Vec<String>, JsValue> {
    let keys: AsyncIterator = folder.keys();
    let mut names = Vec::new();
    loop {
        let next = JsFuture::from(keys.next()?).await?;
        if Reflect::get(&next, &"done".into())?.is_truthy() {
            return Ok(names);
        }
        names.extend(Reflect::get(&next, &"value".into())?.as_string());
    }
}

/// Fails while the file is open somewhere.
pub(super) async fn remove(folder: &FileSystemDirectoryHandle, name: &str) -> Result<(), JsValue> {
    JsFuture::from(folder.remove_entry(name)).await.map(drop)
}

/// An open file, of which there is one at a time. Closed when dropped.
pub(super) struct SyncFile {
    file: FileSystemFileHandle,
    handle: FileSystemSyncAccessHandle,
}

impl SyncFile {
    /// Opens a file, makes it if it is not there.
    pub(super) async fn open(folder: &FileSystemDirectoryHandle, name: &str) -> Result<Self, JsValue> {
        let options = FileSystemGetFileOptions::new();
        options.set_create(true);
        let file: FileSystemFileHandle =
            JsFuture::from(folder.get_file_handle_with_options(name, &options)).await?.unchecked_into();
        if !has(&file, "createSyncAccessHandle") {
            return Err("this browser writes no files without waiting".into());
        }
        let handle = JsFuture::from(file.create_sync_access_handle()).await?.unchecked_into();
        Ok(Self { file, handle })
    }

    /// Gives it a length, which takes the room for it; what is new of it is zero.
    pub(super) fn set_len(&self, len: u64) -> Result<(), String> {
        self.handle.truncate_with_f64(len as f64).map_err(describe)?;
        all_kept(len, self.handle.get_size().map_err(describe)?).map_err(short_write)
    }

    /// Bytes.
    pub(super) fn len(&self) -> u64 {
        self.handle.get_size().map_or(0, |len| len as u64)
    }

    /// Writes all of it.
    pub(super) fn write(&self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let options = FileSystemReadWriteOptions::new();
        for (part, chunk) in (0..).zip(bytes.chunks(WRITE_LEN_MAX)) {
            options.set_at_f64((at + part * WRITE_LEN_MAX as u64) as f64);
            let kept = self.handle.write_with_u8_array_and_options(chunk, &options).map_err(describe)?;
            all_kept(chunk.len() as u64, kept).map_err(short_write)?;
        }
        Ok(())
    }

    /// Reads so many bytes.
    pub(super) fn read(&self, at: u64, len: usize) -> Result<Vec<u8>, String> {
        let mut bytes = vec![0; len];
        let options = FileSystemReadWriteOptions::new();
        options.set_at_f64(at as f64);
        let read = self.handle.read_with_u8_array_and_options(&mut bytes, &options).map_err(describe)?;
        if read as usize == len { Ok(bytes) } else { Err(format!("only {read} of {len} bytes are there")) }
    }

    /// What was written is on disk after that.
    pub(super) fn flush(&self) -> Result<(), String> {
        self.handle.flush().map_err(describe)
    }

    /// The file as it is now, to be handed to the browser's downloads. Whoever reads it while it is written to reads a mixture.
    pub(super) fn snapshot(&self) -> impl Future<Output = Result<Blob, String>> + use<> {
        let file = self.file.get_file();
        async move {
            let file: File = JsFuture::from(file).await.map_err(describe)?.unchecked_into();
            let len = file.size();
            file.slice_with_f64_and_f64_and_content_type(0.0, len, OPAQUE).map_err(describe)
        }
    }
}

impl Drop for SyncFile {
    fn drop(&mut self) {
        self.handle.close();
    }
}

fn has(object: &JsValue, method: &str) -> bool {
    Reflect::get(object, &method.into()).is_ok_and(|method| method.is_function())
}
