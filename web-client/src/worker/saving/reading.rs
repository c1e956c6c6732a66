//! A download that is complete, read for an archive's checksums.

use std::ops::Range;

use js_sys::Uint8Array;
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::failing::reading;
use super::writable::slice;
use crate::saving::{Source, Trouble, Window};

/// Reads ahead, since a read costs the same whatever its length.
pub(super) struct Reading<'a> {
    whole: &'a Blob,
    window: Window,
}

impl<'a> Reading<'a> {
    pub(super) fn new(whole: &'a Blob) -> Self {
        Self { whole, window: Window::default() }
    }
}

impl Source for Reading<'_> {
    async fn read(&mut self, bytes: Range<u64>, mut use_them: impl FnMut(&[u8])) -> Result<(), Trouble> {
        if let Some(needed) = self.window.needs(&bytes, self.whole.size() as u64) {
            let read = slice(self.whole, &needed)?.array_buffer();
            let read = JsFuture::from(read).await.map_err(reading)?;
            self.window.set(needed.start, Uint8Array::new(&read).to_vec());
        }
        let read = self.window.get(&bytes).ok_or_else(|| Trouble::Unreadable("it is shorter".to_owned()))?;
        use_them(read);
        Ok(())
    }
}
