//! A download that is complete: where it is, parts of it, and what becomes of it when it is saved somewhere else.

use std::ops::Range;
use std::rc::Rc;

use web_sys::{Blob, Url};

use super::{OPAQUE, Pieces, SourceReader, Storage, describe};

impl Storage {
    /// Gives the whole file an address.
    pub(in crate::worker) fn publish(&mut self, file: &Blob) -> Result<(), String> {
        let url = Url::create_object_url_with_blob(file).map_err(describe)?;
        self.revoke();
        self.whole = Some((file.clone(), url));
        Ok(())
    }

    /// Where the whole file is, once it is.
    pub(in crate::worker) fn url(&self) -> Option<&str> {
        self.whole.as_ref().map(|(_, url)| url.as_str())
    }

    /// The whole file, once it is there.
    pub(in crate::worker) fn whole(&self) -> Option<&Blob> {
        self.whole.as_ref().map(|(whole, _)| whole)
    }

    /// A part of it that stays as it is whatever comes; `None`: it lies in a file that is still written to.
    pub(in crate::worker) fn part(&self, bytes: &Range<u64>) -> Option<Result<Blob, String>> {
        match (&self.pieces, self.whole()) {
            (_, Some(whole)) => {
                let (begin, end) = (bytes.start as f64, bytes.end as f64);
                let part = whole.slice_with_f64_and_f64_and_content_type(begin, end, OPAQUE);
                Some(part.map_err(describe))
            }
            (Pieces::Blobs(blobs), None) => Some(blobs.part(bytes)),
            (Pieces::Disk(_) | Pieces::Source(_), None) => None,
        }
    }

    /// Reads verified bytes of a file on the browser's disk.
    pub(in crate::worker) fn read(&self, bytes: &Range<u64>) -> Result<Vec<u8>, String> {
        match &self.pieces {
            Pieces::Disk(disk) => disk.read(bytes),
            Pieces::Blobs(_) | Pieces::Source(_) => Err("it is not on the browser's disk".to_owned()),
        }
    }

    /// All of it is somewhere else now, and is read there. What the browser had of it is let go.
    pub(in crate::worker) fn serve_from(&mut self, reader: Rc<SourceReader>, whole: &Blob) -> Result<(), String> {
        let (len, options) = (whole.size(), OPAQUE);
        let whole = whole.slice_with_f64_and_f64_and_content_type(0.0, len, options).map_err(describe)?;
        self.publish(&whole)?;
        self.pieces = Pieces::Source(reader);
        Ok(())
    }

    pub(super) fn revoke(&mut self) {
        if let Some((_, url)) = self.whole.take() {
            let _ = Url::revoke_object_url(&url);
        }
    }
}
