//! Pieces of a File that this person shares: read from their disk when somebody asks, and never kept for long.
//!
//! Whatever is read is compared with its hashes before a byte of it goes out. A browser refuses a file whose date is
//! another one, but one with other bytes and the same date it reads without a word; and hashing costs a tenth of reading.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::{Promise, Uint8Array};
use metainfo::Info;
use peer_engine::{PieceIndex, StorageError, StorageErrorKind};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::{JsFuture, future_to_promise};

use crate::sharing::{Look, ReadPlan, Trouble};
use crate::worker::sharing::{Content, pieces_digests};

/// Reads ahead of those who fetch, and remembers what kept it from reading.
pub(in crate::worker) struct SourceReader {
    content: Rc<Content>,
    info: Arc<Info>,
    plan: RefCell<ReadPlan>,
    /// Windows by their first piece; several who ask for one wait for the same reading of it.
    windows: RefCell<BTreeMap<u32, Promise>>,
    trouble: Rc<RefCell<Option<Trouble>>>,
}

impl SourceReader {
    pub(in crate::worker) fn new(content: Rc<Content>, info: Arc<Info>) -> Self {
        let plan = RefCell::new(ReadPlan::new(*info.layout()));
        Self { content, info, plan, windows: RefCell::default(), trouble: Rc::default() }
    }

    /// Begins to read a part of a piece.
    pub(in crate::worker) fn load(
        &self,
        piece: PieceIndex,
        begin: u32,
        len: u32,
    ) -> impl Future<Output = Result<Bytes, StorageError>> + use<> {
        let (first, window) = self.window_of(piece.0);
        let begin_of = |piece| self.info.layout().piece_offset(piece);
        let begin = (begin_of(piece.0) - begin_of(first)) as u32 + begin;
        async move {
            let window = JsFuture::from(window).await.map_err(unreadable)?;
            let part = window.unchecked_into::<Uint8Array>().subarray(begin, begin + len);
            Ok(part.to_vec().into())
        }
    }

    /// What kept it from reading.
    pub(in crate::worker) fn trouble(&self) -> Option<Trouble> {
        self.trouble.borrow().clone()
    }

    fn window_of(&self, piece: u32) -> (u32, Promise) {
        let mut windows = self.windows.borrow_mut();
        match self.plan.borrow_mut().look(piece) {
            Look::Kept(first) => (first, windows.get(&first).expect("the plan keeps what is here").clone()),
            Look::Read { window, forgotten } => {
                forgotten.iter().for_each(|first| drop(windows.remove(first)));
                let (first, read) = (window.start, self.read(window));
                windows.insert(first, read.clone());
                (first, read)
            }
        }
    }

    fn read(&self, window: Range<u32>) -> Promise {
        let (info, trouble) = (self.info.clone(), self.trouble.clone());
        let last = window.end - 1;
        let end = info.layout().piece_offset(last) + u64::from(info.layout().piece_len(last));
        let reading = self.content.read(info.layout().piece_offset(window.start)..end);
        future_to_promise(async move {
            let read = async { checked(&info, window.start, reading.await?).await };
            read.await.map(JsValue::from).map_err(|why| {
                *trouble.borrow_mut() = Some(why);
                JsValue::NULL
            })
        })
    }
}

async fn checked(info: &Info, first: u32, bytes: Uint8Array) -> Result<Uint8Array, Trouble> {
    let digests = pieces_digests(&bytes, info.layout().nominal_piece_len()).await?;
    let is_right = (first..).zip(&digests).all(|(piece, digest)| info.digest(piece) == *digest);
    if is_right { Ok(bytes) } else { Err(Trouble::Damaged) }
}

fn unreadable(_: JsValue) -> StorageError {
    StorageError::new(StorageErrorKind::Gone, "a file that is shared cannot be read any more")
}
