//! Which files of earlier visits another tab of this browser has open now.

use std::collections::BTreeSet;

use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::InfoHash;

use super::clock::Now;
use super::driver::Driver;
use super::storage;

/// How often it is looked, milliseconds.
const LOOK_EVERY_MS: u64 = 2_000;

/// What was seen last.
#[derive(Default)]
pub(super) struct Elsewhere {
    open: BTreeSet<InfoHash>,
    next_look_ms: u64,
}

impl Elsewhere {
    /// Another tab writes or serves it.
    pub(super) fn has(&self, torrent: &InfoHash) -> bool {
        self.open.contains(torrent)
    }
}

impl Driver {
    /// Looks, where something of an earlier visit is shown.
    pub(super) fn look_elsewhere(&mut self, now: Now) {
        if now.ms() < self.elsewhere.next_look_ms || self.stored_views().is_empty() {
            return;
        }
        self.elsewhere.next_look_ms = now.ms() + LOOK_EVERY_MS;
        let handle = self.handle.clone();
        spawn_local(async move {
            let open = storage::open_files().await;
            handle.run(|driver| {
                driver.urgent |= driver.elsewhere.open != open;
                driver.elsewhere.open = open;
            });
        });
    }
}
