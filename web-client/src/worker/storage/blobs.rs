//! Pieces as Blobs: verified pieces leave WASM's memory and JavaScript's heap at once. The browser keeps
//! them in a process of its own, and on disk when they grow.

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use peer_engine::{JobId, PieceIndex};
use std::collections::BTreeMap;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, Url, XmlHttpRequest, XmlHttpRequestResponseType};

use crate::worker::scope::{log, scope};

/// One piece in so many is read back before it counts as kept. Reading each costs a quarter of the speed; a
/// browser that is out of room stays so, and the whole file is read back at the end.
const CONFIRM_EVERY: u32 = 16;

/// The pieces of one file.
pub(in crate::worker) struct PieceStore {
    pieces: Vec<Option<Blob>>,
    /// Hashed, and not yet said to be right or wrong, by what hashed it.
    hashing: BTreeMap<JobId, (PieceIndex, Uint8Array)>,
    stored: u32,
    file: Option<Blob>,
    url: Option<String>,
}

impl PieceStore {
    /// For so many pieces.
    pub(in crate::worker) fn new(pieces: u32) -> Self {
        Self { pieces: vec![None; pieces as usize], hashing: BTreeMap::new(), stored: 0, file: None, url: None }
    }

    /// Copies a piece into one JavaScript buffer, to be hashed and perhaps stored.
    pub(in crate::worker) fn gather(&mut self, job: JobId, piece: PieceIndex, data: &[Bytes]) -> Uint8Array {
        let buffer = gather(data);
        self.hashing.insert(job, (piece, buffer.clone()));
        buffer
    }

    /// The hash of this piece was wrong.
    pub(in crate::worker) fn forget_buffer(&mut self, piece: PieceIndex) {
        self.hashing.retain(|_, (hashed, _)| *hashed != piece);
    }

    /// Keeps a verified piece. Making a Blob always succeeds; whether the browser had room for it is known
    /// when a byte of it can be read.
    pub(in crate::worker) fn store(
        &mut self,
        piece: PieceIndex,
        data: &[Bytes],
        hashed_by: JobId,
    ) -> impl Future<Output = Result<(), String>> + use<> {
        let buffer = self.hashing.remove(&hashed_by).map_or_else(|| gather(data), |(_, buffer)| buffer);
        let blob = Blob::new_with_u8_array_sequence(&Array::of1(&buffer)).map_err(describe);
        if let (Ok(blob), Some(slot)) = (&blob, self.pieces.get_mut(piece.0 as usize)) {
            *slot = Some(blob.clone());
        }
        self.stored += 1;
        let is_sample = self.stored.is_multiple_of(CONFIRM_EVERY);
        async move {
            let blob = blob?;
            if is_sample { confirm(&blob).await } else { Ok(()) }
        }
    }

    /// Begins to read a part of a stored piece.
    pub(in crate::worker) fn load(
        &self,
        piece: PieceIndex,
        begin: u32,
        len: u32,
    ) -> impl Future<Output = Result<Bytes, String>> + use<> {
        let blob = self.pieces.get(piece.0 as usize).cloned().flatten();
        let part = blob.map(|blob| blob.slice_with_f64_and_f64(f64::from(begin), f64::from(begin) + f64::from(len)));
        async move {
            let part = part.ok_or("the piece is not there")?.map_err(describe)?;
            let buffer = JsFuture::from(part.array_buffer()).await.map_err(describe)?;
            Ok(Uint8Array::new(&buffer).to_vec().into())
        }
    }

    /// Strings the pieces together to the whole file, and makes sure that the browser has all of them.
    pub(in crate::worker) fn finish(&mut self) -> impl Future<Output = Result<(), String>> + use<> {
        let parts: Array = self.pieces.iter().flatten().map(|blob| JsValue::from(blob.clone())).collect();
        let options = BlobPropertyBag::new();
        // Never shown, whatever the file calls itself: an HTML file must not run as a page of this origin.
        options.set_type("application/octet-stream");
        let file = Blob::new_with_blob_sequence_and_options(parts.unchecked_ref(), &options).map_err(describe);
        self.file = file.as_ref().ok().cloned();
        async move { confirm(&file?).await }
    }

    /// The whole file is there: gives it an address.
    pub(in crate::worker) fn publish(&mut self) -> Result<(), String> {
        let file = self.file.as_ref().ok_or("the file is not complete")?;
        self.url = Some(Url::create_object_url_with_blob(file).map_err(describe)?);
        Ok(())
    }

    /// Where the whole file is, once it is.
    pub(in crate::worker) fn url(&self) -> Option<&str> {
        self.url.as_deref()
    }
}

impl Drop for PieceStore {
    fn drop(&mut self) {
        if let Some(url) = &self.url {
            let _ = Url::revoke_object_url(url);
        }
    }
}

/// Makes Chromium find out how much room its Blobs have. It does so by itself in its first idle moment, and
/// until then allows 500 MiB: a browser that was opened by the click on an invite has no idle moment
/// before the file is in. A response that is read as a Blob makes it look at once.
pub(in crate::worker) fn prepare() {
    let fetched = XmlHttpRequest::new().and_then(|request| {
        let itself = scope().location().href();
        request.open("GET", &itself)?;
        request.set_response_type(XmlHttpRequestResponseType::Blob);
        request.send()
    });
    if fetched.is_err() {
        log("the browser's room for files is not known yet");
    }
}

/// Fails if the browser had no room for any part of the Blob.
async fn confirm(blob: &Blob) -> Result<(), String> {
    let byte = blob.slice_with_f64_and_f64(0.0, 1.0).map_err(describe)?;
    JsFuture::from(byte.array_buffer()).await.map_err(describe)?;
    Ok(())
}

fn gather(data: &[Bytes]) -> Uint8Array {
    let len: usize = data.iter().map(Bytes::len).sum();
    let buffer = Uint8Array::new_with_length(len as u32);
    let mut at = 0;
    for block in data {
        let end = at + block.len() as u32;
        buffer.subarray(at, end).copy_from(block);
        at = end;
    }
    buffer
}

/// By its name (`NotReadableError`): Chromium's sentence speaks of permissions, whatever the cause.
fn describe(error: JsValue) -> String {
    let name =
        error.dyn_ref::<js_sys::Error>().map_or_else(|| format!("{error:?}"), |error| String::from(error.name()));
    format!("this browser has no room for it ({name})")
}
