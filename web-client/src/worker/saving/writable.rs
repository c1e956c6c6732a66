//! A file that the person chose, being written. What is written goes to a file beside it, and is under its name with the last
//! step only: until then nothing of it can be read, and a tab that ends leaves nothing.

use wasm_bindgen::JsCast;
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File, FileSystemFileHandle, FileSystemWritableFileStream};

use super::Progress;
use super::failing::{reading, writing};
use crate::saving::{Part, Sink, Trouble, steps};

/// Given up when it is dropped before its end.
pub(super) struct Writable {
    handle: FileSystemFileHandle,
    stream: FileSystemWritableFileStream,
    written: u64,
    is_closed: bool,
}

impl Writable {
    /// Begins to write it anew.
    pub(super) async fn open(handle: &FileSystemFileHandle) -> Result<Self, Trouble> {
        let stream = JsFuture::from(handle.create_writable()).await.map_err(writing)?;
        Ok(Self { handle: handle.clone(), stream: stream.unchecked_into(), written: 0, is_closed: false })
    }

    /// The next bytes.
    pub(super) async fn bytes(&mut self, bytes: &[u8]) -> Result<(), Trouble> {
        // The bytes are copied at the call: WebAssembly's memory may move while it is written.
        let copied = js_sys::Uint8Array::from(bytes);
        let written = self.stream.write_with_buffer_source(&copied).map_err(writing)?;
        JsFuture::from(written).await.map_err(writing)?;
        self.written += bytes.len() as u64;
        Ok(())
    }

    /// The next bytes, which the browser itself moves.
    pub(super) async fn blob(&mut self, blob: &Blob) -> Result<(), Trouble> {
        let written = self.stream.write_with_blob(blob).map_err(writing)?;
        JsFuture::from(written).await.map_err(writing)?;
        self.written += blob.size() as u64;
        Ok(())
    }

    /// It is there under its name.
    pub(super) async fn close(mut self) -> Result<File, Trouble> {
        JsFuture::from(self.stream.close()).await.map_err(writing)?;
        self.is_closed = true;
        let file: File = JsFuture::from(self.handle.get_file()).await.map_err(reading)?.unchecked_into();
        if file.size() as u64 == self.written { Ok(file) } else { Err(Trouble::NotKept) }
    }
}

impl Drop for Writable {
    fn drop(&mut self) {
        if !self.is_closed {
            let given_up = JsFuture::from(self.stream.abort());
            wasm_bindgen_futures::spawn_local(async move {
                // Fails where it has ended already.
                let _ = given_up.await;
            });
        }
    }
}

/// Copies a part of a Blob, step by step. `before`: bytes that were written before it.
pub(super) async fn copy(
    whole: &Blob,
    bytes: std::ops::Range<u64>,
    into: &mut Writable,
    before: u64,
    progress: &Progress,
) -> Result<(), Trouble> {
    let begin = bytes.start;
    for step in steps(bytes) {
        into.blob(&slice(whole, &step)?).await?;
        progress.tell(before + step.end - begin)?;
    }
    Ok(())
}

/// A part of a Blob.
pub(super) fn slice(whole: &Blob, bytes: &std::ops::Range<u64>) -> Result<Blob, Trouble> {
    whole.slice_with_f64_and_f64(bytes.start as f64, bytes.end as f64).map_err(reading)
}

/// An archive that goes into a file.
pub(super) struct IntoFile<'a> {
    pub(super) file: Writable,
    pub(super) whole: &'a Blob,
    pub(super) progress: &'a Progress,
}

impl Sink for IntoFile<'_> {
    async fn take(&mut self, part: Part, done: u64) -> Result<(), Trouble> {
        match part {
            Part::Bytes(bytes) => self.file.bytes(&bytes).await?,
            Part::Content(range) => self.file.blob(&slice(self.whole, &range)?).await?,
        }
        self.progress.tell(done)
    }
}
