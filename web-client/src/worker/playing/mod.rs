//! Films that are played while they come: ranges are read out of the pieces that are here and wait for those that are not,
//! and the engine is told where they read.

mod feed;
mod follow;

use std::collections::BTreeMap;

use bytes::Bytes;
use metainfo::Info;
use peer_engine::PieceIndex;
use wasm_bindgen_futures::spawn_local;
use web_sys::MessagePort;
use wire_protocol::ids::FileId;

use super::clock::Now;
use super::driver::Driver;
use super::scope::log;
use crate::playing::{Asked, FileSpan, Head, Media, MediaAddress, What, is_subtitles};
use feed::Feed;
pub(super) use follow::Played;

/// Ranges that are open at the same time: a browser that has forgotten one does not always say so.
const FEEDS_MAX: usize = 16;
/// Longer subtitles are none, bytes.
const SUBTITLES_LEN_MAX: u64 = 4 << 20;

/// All ranges that are read.
#[derive(Default)]
pub(super) struct Players {
    feeds: BTreeMap<u64, Feed>,
    last: u64,
}

impl Driver {
    /// Somebody plays a file, and asks for a part of it.
    pub(super) fn open_feed(&mut self, address: MediaAddress, range: Option<&str>, port: MessagePort) {
        let swarm = self.swarms.key_of_file(address.file).and_then(|key| self.swarms.get(key));
        let info = swarm.and_then(|swarm| swarm.transfer()?.peer.engine()).map(|engine| engine.info());
        let Some((head, span)) = info.and_then(|info| found(info, address, range)) else {
            return feed::refuse(&port);
        };
        while self.players.feeds.len() >= FEEDS_MAX {
            let oldest = self.players.feeds.keys().next().copied();
            oldest.into_iter().for_each(|id| self.close_feed(id));
        }
        self.players.last += 1;
        let (id, handle) = (self.players.last, self.handle.clone());
        let asks = move |wants_more| handle.run(|driver| driver.on_feed_asks(id, wants_more));
        self.players.feeds.insert(id, Feed::open(port, address, span, &head, asks));
    }

    fn on_feed_asks(&mut self, id: u64, wants_more: bool) {
        match self.players.feeds.get_mut(&id) {
            Some(feed) if wants_more => feed.is_hungry = true,
            _ => self.close_feed(id),
        }
    }

    fn close_feed(&mut self, id: u64) {
        let Some(feed) = self.players.feeds.remove(&id) else {
            return;
        };
        if let Some(played) = self.played(feed.address.file) {
            played.readers.on_gone(id);
        }
    }

    fn played(&mut self, file: FileId) -> Option<&mut Played> {
        let key = self.swarms.key_of_file(file)?;
        Some(&mut self.swarms.get_mut(key)?.played)
    }

    /// Serves those who want more as far as it is here, and fetches first what they wait for. `true`: the engine was told.
    pub(super) fn serve_players(&mut self, now: Now) -> bool {
        let hungry = self.players.feeds.iter().filter(|(_, feed)| feed.is_hungry && !feed.is_reading);
        let hungry: Vec<u64> = hungry.map(|(id, _)| *id).collect();
        hungry.into_iter().for_each(|id| self.serve_feed(id));
        let mut is_told = false;
        for key in self.swarms.keys() {
            is_told |= self.swarms.get_mut(key).is_some_and(|swarm| swarm.follow_readers(now));
        }
        is_told
    }

    fn serve_feed(&mut self, id: u64) {
        let Some(feed) = self.players.feeds.get_mut(&id) else {
            return;
        };
        let key = self.swarms.key_of_file(feed.address.file);
        let Some(swarm) = key.and_then(|key| self.swarms.get_mut(key)) else {
            return self.close_feed(id);
        };
        let (played, transfer) = swarm.played_and_transfer();
        let Some((transfer, engine)) = transfer.and_then(|transfer| Some((transfer, transfer.peer.engine()?))) else {
            return self.close_feed(id);
        };
        let Some(chunk) = feed.span.next(engine.info().layout()) else {
            feed.end();
            return self.close_feed(id);
        };
        let is_here = engine.have().contains(chunk.piece);
        let was_waiting = played.readers.waited_for();
        played.readers.on_at(id, chunk.piece, !is_here);
        self.urgent |= was_waiting != played.readers.waited_for();
        if is_here {
            feed.is_reading = true;
            let read = transfer.storage.read_block(PieceIndex(chunk.piece), chunk.begin, chunk.len);
            let handle = self.handle.clone();
            spawn_local(async move {
                let read = read.await;
                handle.run(|driver| driver.on_feed_read(id, read));
            });
        }
    }

    fn on_feed_read(&mut self, id: u64, read: Result<Bytes, String>) {
        let Some(feed) = self.players.feeds.get_mut(&id) else {
            return;
        };
        match read {
            Ok(bytes) => feed.on_read(&bytes),
            Err(why) => {
                log(&format!("what is played cannot be read: {why}"));
                self.close_feed(id);
            }
        }
    }

    /// How fast it is read, once the player knows how long it lasts.
    pub(super) fn on_plays(&mut self, file: FileId, bytes_per_second: u64) {
        if let Some(played) = self.played(file) {
            played.bytes_per_second = bytes_per_second;
        }
    }

    /// It is not played any more.
    pub(super) fn end_playing(&mut self, file: FileId, is_closed: bool) {
        if is_closed {
            self.players.feeds.retain(|_, feed| feed.address.file != file);
        }
        let key = self.swarms.key_of_file(file);
        if let Some(swarm) = key.and_then(|key| self.swarms.get_mut(key)) {
            swarm.end_playing(Now::read());
        }
    }
}

/// What is answered to a request, and what is read for it; `None`: there is no such file, or nobody plays it.
fn found(info: &Info, address: MediaAddress, range: Option<&str>) -> Option<(Head, FileSpan)> {
    let file = info.files().get(address.index as usize).filter(|file| !file.is_padding)?;
    let name = file.path.last()?;
    match address.what {
        What::Bytes => {
            let asked = Asked::read(range, file.len);
            let part = match &asked {
                Asked::Whole => 0..file.len,
                Asked::Part(part) => part.clone(),
                Asked::Beyond => 0..0,
            };
            let head = Head::of_part(&asked, file.len, Media::of(name)?.content_type);
            Some((head, FileSpan::new(file.offset, &part)))
        }
        What::Subtitles if is_subtitles(name) && file.len <= SUBTITLES_LEN_MAX => {
            Some((Head::new(200, "text/vtt; charset=utf-8"), FileSpan::new(file.offset, &(0..file.len))))
        }
        What::Subtitles => None,
    }
}
