//! One file of a folder, for the browser's downloads: as soon as all of its pieces are here.

use std::ops::Range;

use gloo::timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;
use web_sys::{Blob, Url};

use super::copying::copy_out;
use crate::messages::{Report, ToDownloads, encode};
use crate::saving::{Trouble, ready, wanted};
use crate::screen::saving as words;
use crate::worker::driver::Driver;
use crate::worker::scope::post;

/// A download has begun by then, and reads on without the address, milliseconds.
const BEGUN_AFTER_MS: u32 = 60_000;

impl Driver {
    /// `at`: its place among all that are no padding.
    pub(super) fn save_one(&mut self, key: u64, at: u32) {
        let Some((name, bytes)) = self.ready_file(key, at) else {
            return;
        };
        let Some(transfer) = self.swarms.get(key).and_then(|swarm| swarm.transfer()) else {
            return;
        };
        match transfer.storage.part(&bytes) {
            Some(part) => self.hand_over(name, part.map_err(Trouble::Unreadable)),
            // Whoever writes to a file while it is saved saves a mixture.
            None => {
                let handle = self.handle.clone();
                spawn_local(async move {
                    let copy = copy_out(&handle, key, bytes).await;
                    handle.run(|driver| driver.hand_over(name, copy));
                });
            }
        }
    }

    fn ready_file(&self, key: u64, at: u32) -> Option<(String, Range<u64>)> {
        let engine = self.swarms.get(key)?.transfer()?.peer.engine()?;
        let byte = *ready(engine.info(), engine.have()).get(at as usize / 8)?;
        let file = wanted(engine.info()).nth(at as usize)?;
        let is_ready = byte & (0x80 >> (at % 8)) != 0;
        is_ready.then(|| (file.path.last().cloned().unwrap_or_default(), file.offset..file.offset + file.len))
    }

    fn hand_over(&mut self, name: String, part: Result<Blob, Trouble>) {
        let url = part.and_then(|part| Url::create_object_url_with_blob(&part).map_err(super::failing::reading));
        match url {
            Ok(url) => {
                forget_later(&url);
                post(&encode(&Report::Download(ToDownloads { url, name })));
            }
            Err(trouble) => self.notice(words::trouble_line(&name, &trouble)),
        }
    }
}

/// The browser keeps what is behind an address as long as that is good.
pub(super) fn forget_later(url: &str) {
    let url = url.to_owned();
    Timeout::new(BEGUN_AFTER_MS, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
}
