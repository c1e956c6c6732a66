//! The browser's Files that are shared, read as if they were one.

use std::ops::Range;

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, File};

use crate::sharing::{Trouble, spans};

/// Files that are looked at in one go, whether they can still be read.
const LOOKED_AT_ONCE: usize = 32;

/// In the order of the torrent's bytes. A File is a name for bytes on disk: nothing of them is kept here.
pub(in crate::worker) struct Content {
    files: Vec<File>,
    ends: Vec<u64>,
}

impl Content {
    pub(in crate::worker) fn new(files: Vec<File>) -> Self {
        let ends = files.iter().scan(0, |end, file| {
            *end += len_of(file);
            Some(*end)
        });
        Self { ends: ends.collect(), files }
    }

    pub(super) fn len(&self) -> u64 {
        self.ends.last().copied().unwrap_or(0)
    }

    /// Begins to read some bytes. Parts of several files come in one go too: Files cost a browser a millisecond each, a
    /// Blob of their parts hardly more.
    pub(in crate::worker) fn read(
        &self,
        range: Range<u64>,
    ) -> impl Future<Output = Result<Uint8Array, Trouble>> + use<> {
        let len = range.end - range.start;
        let parts: Result<Vec<Blob>, JsValue> = spans(&self.ends, range)
            .map(|(file, part)| self.files[file].slice_with_f64_and_f64(part.start as f64, part.end as f64))
            .collect();
        let whole = parts.and_then(|mut parts| match parts.len() {
            1 => Ok(parts.remove(0)),
            _ => Blob::new_with_blob_sequence(&parts.into_iter().map(JsValue::from).collect::<Array>()),
        });
        async move {
            let buffer = JsFuture::from(whole.map_err(trouble)?.array_buffer()).await.map_err(trouble)?;
            let bytes = Uint8Array::new(&buffer);
            // It was cut off, and the browser says nothing.
            if u64::from(bytes.length()) == len { Ok(bytes) } else { Err(Trouble::Changed) }
        }
    }

    /// Looks whether some of the files can still be read, from the file `from` on.
    pub(super) fn look(&self, from: usize) -> impl Future<Output = Result<(), Trouble>> + use<> {
        let count = self.files.len().min(LOOKED_AT_ONCE);
        let some = self.files.iter().cycle().skip(from % self.files.len().max(1)).take(count);
        // Nothing is read of a file without bytes, which says nothing.
        let some = some.filter(|file| file.size() > 0.0);
        let bytes: Vec<_> = some.map(|file| file.slice_with_f64_and_f64(0.0, 1.0)).collect();
        async move {
            for byte in bytes {
                JsFuture::from(byte.map_err(trouble)?.array_buffer()).await.map_err(trouble)?;
            }
            Ok(())
        }
    }

    /// Where the next look begins.
    pub(super) fn next_look(from: usize) -> usize {
        from.wrapping_add(LOOKED_AT_ONCE)
    }
}

/// Bytes.
pub(super) fn len_of(file: &File) -> u64 {
    file.size() as u64
}

fn trouble(error: JsValue) -> Trouble {
    let name = error.dyn_ref::<js_sys::Error>().map(|error| String::from(error.name()));
    Trouble::of(&name.unwrap_or_else(|| format!("{error:?}")))
}
