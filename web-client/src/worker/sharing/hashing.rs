//! Reads and hashes what is shared: some windows at a time, each in whole pieces, none of it kept.

use std::cell::RefCell;
use std::ops::Range;
use std::rc::Rc;

use wasm_bindgen_futures::spawn_local;

use super::content::Content;
use crate::sharing::{HashPlan, LANES, Trouble};
use crate::worker::Handle;
use crate::worker::crypto::begin_sha1;

/// A hashing on its way. It ends when this is dropped.
pub(super) struct Hashing(Rc<RefCell<HashPlan>>);

impl Hashing {
    /// Every window's digests go to the share of the swarm `key`.
    pub(super) fn start(handle: &Handle, key: u64, content: &Rc<Content>, plan: HashPlan, piece_len: u32) -> Self {
        let plan = Rc::new(RefCell::new(plan));
        for _ in 0..LANES {
            spawn_local(run(handle.clone(), key, content.clone(), plan.clone(), piece_len));
        }
        Self(plan)
    }
}

impl Drop for Hashing {
    fn drop(&mut self) {
        self.0.borrow_mut().cancel();
    }
}

async fn run(handle: Handle, key: u64, content: Rc<Content>, plan: Rc<RefCell<HashPlan>>, piece_len: u32) {
    loop {
        let window = plan.borrow_mut().next_window();
        let Some(window) = window else {
            return;
        };
        let bytes = plan.borrow().bytes(&window);
        match digests(&content, bytes, piece_len).await {
            Ok(digests) => handle.run(|driver| driver.on_hashed(key, window.start, &digests)),
            Err(trouble) => {
                plan.borrow_mut().cancel();
                return handle.run(|driver| driver.on_share_trouble(key, &trouble));
            }
        }
    }
}

/// The digests of the pieces in some bytes.
async fn digests(content: &Content, bytes: Range<u64>, piece_len: u32) -> Result<Vec<[u8; 20]>, Trouble> {
    let window = content.read(bytes).await?;
    pieces_digests(&window, piece_len).await
}

/// The digests of the pieces that lie one behind the other here. All are begun at once: browsers hash on other threads.
pub(in crate::worker) async fn pieces_digests(
    window: &js_sys::Uint8Array,
    piece_len: u32,
) -> Result<Vec<[u8; 20]>, Trouble> {
    let len = window.length();
    let begun: Vec<_> = (0..len)
        .step_by(piece_len as usize)
        .map(|begin| begin_sha1(&window.subarray(begin, len.min(begin.saturating_add(piece_len)))))
        .collect();
    let mut digests = Vec::with_capacity(begun.len());
    for digest in begun {
        digests.push(digest.await.map_err(Trouble::Unreadable)?);
    }
    Ok(digests)
}
