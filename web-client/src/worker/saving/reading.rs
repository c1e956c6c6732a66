//! A download that is complete, read for an archive's checksums.

use std::ops::Range;

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::failing::reading;
use super::writable::slice;
use crate::saving::{Source, Trouble, Window};

/// Copied into WebAssembly's memory at once: that never shrinks.
const CHUNK_LEN: u32 = 256 * 1024;

/// Reads ahead, since a read costs the same whatever its length.
pub(super) struct Reading<'a> {
    whole: &'a Blob,
    window: Window,
    read: Uint8Array,
    chunk: Vec<u8>,
}

impl<'a> Reading<'a> {
    pub(super) fn new(whole: &'a Blob) -> Self {
        Self { whole, window: Window::default(), read: Uint8Array::new_with_length(0), chunk: Vec::new() }
    }

    async fn read_next(&mut self, needed: Range<u64>) -> Result<(), Trouble> {
        let read = JsFuture::from(slice(self.whole, &needed)?.array_buffer()).await.map_err(reading)?;
        self.read = Uint8Array::new(&read);
        if u64::from(self.read.length()) != needed.end - needed.start {
            return Err(Trouble::Unreadable("it is shorter".to_owned()));
        }
        self.window.set(needed);
        Ok(())
    }
}

impl Source for Reading<'_> {
    async fn read(&mut self, mut bytes: Range<u64>, mut use_them: impl FnMut(&[u8])) -> Result<(), Trouble> {
        while !bytes.is_empty() {
            if let Some(needed) = self.window.needs(&bytes, self.whole.size() as u64) {
                self.read_next(needed).await?;
            }
            let place = self.window.place(&bytes);
            if place.is_empty() {
                return Err(Trouble::Unreadable("it is shorter".to_owned()));
            }
            let (begin, end) = (place.start as u32, place.end as u32);
            for at in (begin..end).step_by(CHUNK_LEN as usize) {
                let chunk = self.read.subarray(at, end.min(at + CHUNK_LEN));
                self.chunk.resize(chunk.length() as usize, 0);
                chunk.copy_to(&mut self.chunk);
                use_them(&self.chunk);
            }
            bytes.start += u64::from(end - begin);
        }
        Ok(())
    }
}
