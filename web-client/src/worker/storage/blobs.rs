//! Pieces as Blobs, where the disk does not take them: they leave WASM's memory and JavaScript's heap. The browser keeps
//! them in a process of its own, and on disk when they grow.

use std::ops::Range;

use bytes::Bytes;
use js_sys::{Array, Uint8Array};
use metainfo::Layout;
use peer_engine::PieceIndex;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, BlobPropertyBag, XmlHttpRequest, XmlHttpRequestResponseType};

use super::{OPAQUE, describe};
use crate::storing::gathering::{Gathering, Spot};
use crate::worker::scope::{log, scope};

/// The pieces of one file.
pub(super) struct BlobPieces {
    layout: Layout,
    gathering: Gathering,
    /// What is not a Blob yet.
    buffer: Uint8Array,
    blobs: Vec<Blob>,
}

/// Where the bytes of a part of a piece are.
pub(super) enum Part {
    /// At hand.
    Bytes(Bytes),
    /// To be read.
    Blob(Blob),
}

impl BlobPieces {
    /// None yet.
    pub(super) fn new(layout: Layout) -> Self {
        let longest = layout.piece_len(0);
        let len = u64::from(Gathering::buffer_len(longest)).min(layout.total_len());
        let buffer = Uint8Array::new_with_length(len as u32);
        Self { layout, gathering: Gathering::new(layout.pieces()), buffer, blobs: Vec::new() }
    }

    /// With the Blobs of an earlier visit, and the pieces of each.
    pub(super) fn restore(layout: Layout, found: Vec<(Vec<u32>, Blob)>) -> Self {
        let batches = found.iter().map(|(pieces, _)| pieces.as_slice());
        let gathering = Gathering::restore(layout.pieces(), batches, |piece| layout.piece_len(piece));
        Self { gathering, blobs: found.into_iter().map(|(_, blob)| blob).collect(), ..Self::new(layout) }
    }

    /// The number of the Blob that was made last, and its pieces.
    pub(super) fn last_batch(&self) -> (u32, Vec<u32>) {
        let number = (self.blobs.len() as u32).saturating_sub(1);
        (number, self.gathering.pieces_of(number))
    }

    /// The same bytes, in another place.
    pub(super) fn replace(&mut self, number: u32, blob: Blob) {
        if let Some(slot) = self.blobs.get_mut(number as usize) {
            *slot = blob;
        }
    }

    /// Makes a Blob of what is none yet.
    pub(super) fn flush(&mut self) -> Result<Option<Blob>, String> {
        self.gathering.take_rest().map(|len| self.make_blob(len)).transpose()
    }

    /// Keeps a verified piece. Making a Blob always succeeds; whether the browser had room for it is known when a byte of
    /// it can be read: the Blob that is to be asked, if there is a new one.
    pub(super) fn store(&mut self, piece: PieceIndex, bytes: &[u8]) -> Result<Option<Blob>, String> {
        if let Some(Spot { at, .. }) = self.gathering.add(piece.0, bytes.len() as u32) {
            self.buffer.subarray(at, at + bytes.len() as u32).copy_from(bytes);
        }
        match self.gathering.take_full() {
            Some(len) => self.make_blob(len).map(Some),
            None => Ok(None),
        }
    }

    fn make_blob(&mut self, len: u32) -> Result<Blob, String> {
        let parts = Array::of1(&self.buffer.subarray(0, len));
        let blob = Blob::new_with_u8_array_sequence(&parts).map_err(describe)?;
        self.blobs.push(blob.clone());
        Ok(blob)
    }

    /// A part of a stored piece.
    pub(super) fn load(&self, piece: PieceIndex, begin: u32, len: u32) -> Result<Part, String> {
        let spot = self.gathering.spot(piece.0).ok_or("the piece is not there")?;
        let (begin, end) = (spot.at + begin, spot.at + begin + len);
        if self.gathering.is_staged(spot) {
            return Ok(Part::Bytes(self.buffer.subarray(begin, end).to_vec().into()));
        }
        let blob = self.blobs.get(spot.batch as usize).ok_or("the piece is not there")?;
        blob.slice_with_f64_and_f64(begin.into(), end.into()).map(Part::Blob).map_err(describe)
    }

    /// Strings the pieces together to the whole file, and makes sure that the browser has all of them.
    pub(super) fn finish(&mut self) -> impl Future<Output = Result<Blob, String>> + use<> {
        let file = self.whole_file();
        async move {
            let file = file?;
            confirm(&file).await?;
            Ok(file)
        }
    }

    fn whole_file(&mut self) -> Result<Blob, String> {
        if let Some(len) = self.gathering.take_rest() {
            self.make_blob(len)?;
            self.buffer = Uint8Array::new_with_length(0);
        }
        let parts = self.gathering.parts(|piece| self.layout.piece_len(piece)).into_iter();
        let parts = parts.map(|(batch, begin, end)| {
            let blob = self.blobs.get(batch as usize).ok_or("a piece is not there")?;
            blob.slice_with_f64_and_f64(begin.into(), end.into()).map(JsValue::from).map_err(describe)
        });
        let parts = parts.collect::<Result<Array, String>>()?;
        joined(&parts)
    }

    /// A part of the file whose pieces are all there.
    pub(super) fn part(&self, bytes: &Range<u64>) -> Result<Blob, String> {
        let piece_len = u64::from(self.layout.nominal_piece_len());
        let parts = Array::new();
        let mut at = bytes.start;
        while at < bytes.end {
            let piece = (at / piece_len) as u32;
            let begin = (at - self.layout.piece_offset(piece)) as u32;
            let len = u64::from(self.layout.piece_len(piece) - begin).min(bytes.end - at) as u32;
            match self.load(PieceIndex(piece), begin, len)? {
                Part::Bytes(bytes) => parts.push(&Uint8Array::from(&bytes[..])),
                Part::Blob(blob) => parts.push(&blob),
            };
            at += u64::from(len);
        }
        joined(&parts)
    }
}

fn joined(parts: &Array) -> Result<Blob, String> {
    let options = BlobPropertyBag::new();
    options.set_type(OPAQUE);
    Blob::new_with_blob_sequence_and_options(parts.unchecked_ref(), &options).map_err(describe)
}

/// Makes Chromium find out how much room its Blobs have. It does so by itself in its first idle moment, and
/// until then allows 500 MiB: a browser that was opened by the click on an invite has no idle moment
/// before the file is in. A response that is read as a Blob makes it look at once.
pub(super) fn prepare() {
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
pub(super) async fn confirm(blob: &Blob) -> Result<(), String> {
    let byte = blob.slice_with_f64_and_f64(0.0, 1.0).map_err(describe)?;
    JsFuture::from(byte.array_buffer()).await.map_err(describe)?;
    Ok(())
}

/// Reads it.
pub(super) async fn read(blob: Blob) -> Result<Bytes, String> {
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(describe)?;
    Ok(Uint8Array::new(&buffer).to_vec().into())
}
