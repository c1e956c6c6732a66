//! An archive for the browser's downloads: its own bytes are new, and its content stays where it is. A browser reads it
//! from there when it saves, so that it needs no room of its own.

use std::ops::Range;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::JsCast;
use web_sys::{Blob, BlobPropertyBag};

use super::Progress;
use super::failing::reading;
use super::writable::slice;
use crate::saving::{Part, Sink, Trouble};

/// What it is made of so far.
pub(super) struct Assembled<'a> {
    whole: &'a Blob,
    progress: &'a Progress,
    parts: Array,
    /// Content that the last parts were, one behind the other.
    pending: Option<Range<u64>>,
}

impl<'a> Assembled<'a> {
    pub(super) fn new(whole: &'a Blob, progress: &'a Progress) -> Self {
        Self { whole, progress, parts: Array::new(), pending: None }
    }

    fn settle(&mut self) -> Result<(), Trouble> {
        if let Some(range) = self.pending.take() {
            let content = slice(self.whole, &range)?;
            self.parts.push(&content);
        }
        Ok(())
    }

    /// The archive.
    pub(super) fn finish(mut self) -> Result<Blob, Trouble> {
        self.settle()?;
        let options = BlobPropertyBag::new();
        options.set_type("application/zip");
        Blob::new_with_blob_sequence_and_options(self.parts.unchecked_ref(), &options).map_err(reading)
    }
}

impl Sink for Assembled<'_> {
    async fn take(&mut self, part: Part, done: u64) -> Result<(), Trouble> {
        match (part, &mut self.pending) {
            (Part::Content(range), Some(pending)) if pending.end == range.start => pending.end = range.end,
            (Part::Content(range), _) => {
                self.settle()?;
                self.pending = Some(range);
            }
            (Part::Bytes(bytes), _) => {
                self.settle()?;
                // Out of this program's memory, and into the browser's, which pages it to disk.
                let bytes = Array::of1(&Uint8Array::from(bytes.as_slice()));
                let bytes = Blob::new_with_u8_array_sequence(&bytes).map_err(reading)?;
                self.parts.push(&bytes);
            }
        }
        self.progress.tell(done)
    }
}
