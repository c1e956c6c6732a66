//! One file's engine and pieces: carries out what the engine asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::Uint8Array;
use metainfo::Info;
use peer_engine::{
    Action, CloseReason, Command, Config, Engine, Event, Input, JobId, LinkKey, PieceData, PieceSet, StorageError,
};
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::PeerId;

use super::Handle;
use super::blobs::PieceStore;
use super::clock::Now;
use super::crypto::{random, random_u64, sha1};
use super::link::Link;
use crate::tuning::Tuning;

/// What is handed to the engine at once: a slow block keeps no more than this in memory.
const CHUNK_LEN: usize = 64 * 1024;
/// What is asked of the engine for one message. One block may come on top, and 256 KiB messages are the
/// fastest in Chromium.
const MESSAGE_LEN: usize = 256 * 1024 - 17 * 1024;

/// A file on its way or being served.
pub(super) struct Transfer {
    /// Names the transfer in the answers of its tasks: a file may be stopped and begun again.
    key: u64,
    pub(super) local: PeerId,
    pub(super) info: Arc<Info>,
    pub(super) engine: Engine,
    pub(super) store: PieceStore,
    /// When the last byte came, milliseconds.
    last_byte_ms: u64,
    /// Bytes received and sent per link: the engine forgets a peer together with its link.
    counted: BTreeMap<LinkKey, Given>,
}

/// What went over a link, bytes of blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) downloaded: u64,
    pub(super) uploaded: u64,
}

/// What the driver does after a drain.
#[derive(Default)]
pub(super) struct Drained {
    pub(super) events: Vec<Event>,
    pub(super) closed: Vec<(LinkKey, CloseReason)>,
}

impl Transfer {
    /// Begins with no piece.
    pub(super) fn new(key: u64, info: Info, client: &str, tuning: Tuning, now: Now) -> Self {
        let info = Arc::new(info);
        let pieces = info.layout().pieces();
        let local = PeerId::covey(random());
        let config = Config { policy: tuning.policy, limits: tuning.limits(), ..Config::browser(client) };
        let engine = Engine::new(config, info.clone(), PieceSet::none(pieces), local, random_u64(), now.instant());
        Self {
            key,
            local,
            info,
            engine,
            store: PieceStore::new(pieces),
            last_byte_ms: now.ms(),
            counted: BTreeMap::new(),
        }
    }

    /// The person wants something else of the engine.
    pub(super) fn command(&mut self, command: Command, now: Now) {
        self.engine.handle(Input::Command(command), now.instant());
    }

    /// Milliseconds since the last byte.
    pub(super) fn quiet_ms(&self, now: Now) -> u64 {
        now.ms().saturating_sub(self.last_byte_ms)
    }

    /// The wait began now: the person came, or the last link went.
    pub(super) fn restart_quiet(&mut self, now: Now) {
        self.last_byte_ms = now.ms();
    }

    /// Remembers what went over each link so far.
    fn count(&mut self) {
        for peer in self.engine.peers() {
            self.counted.insert(peer.link, Given { downloaded: peer.downloaded, uploaded: peer.uploaded });
        }
    }

    /// A link is gone; what went over it.
    pub(super) fn on_link_gone(&mut self, link: LinkKey, now: Now) -> Given {
        self.count();
        self.engine.handle(Input::LinkClosed { link }, now.instant());
        self.counted.remove(&link).unwrap_or_default()
    }

    /// A message of an open link: copied out of the browser's memory in chunks.
    pub(super) fn on_message(&mut self, link: LinkKey, message: &Uint8Array, now: Now) {
        self.last_byte_ms = now.ms();
        let len = message.length();
        for begin in (0..len).step_by(CHUNK_LEN) {
            let end = len.min(begin + CHUNK_LEN as u32);
            let bytes = Bytes::from(message.subarray(begin, end).to_vec());
            self.engine.handle(Input::Received { link, bytes }, now.instant());
        }
    }

    /// Carries out everything that the engine wants now.
    pub(super) fn drain(&mut self, links: &mut BTreeMap<LinkKey, Link>, handle: &Handle, now: Now) -> Drained {
        let mut drained = Drained::default();
        for (key, link) in links.iter_mut().filter(|(_, link)| link.is_blocked) {
            self.transmit(*key, link, now);
        }
        while let Some(action) = self.engine.poll_action() {
            self.perform(action, links, &mut drained, handle, now);
        }
        while let Some(key) = self.engine.poll_ready() {
            if let Some(link) = links.get_mut(&key) {
                self.transmit(key, link, now);
            }
        }
        drained.events.extend(std::iter::from_fn(|| self.engine.poll_event()));
        drained
    }

    /// Something the engine asked for is done.
    pub(super) fn on_answer(&mut self, answer: Input, now: Now) {
        if matches!(answer, Input::Stored { .. }) {
            // The last piece makes the engine close its links to other seeders.
            self.count();
        }
        self.engine.handle(answer, now.instant());
    }

    /// Writes as much as the link takes, in messages of up to 256 KiB.
    fn transmit(&mut self, key: LinkKey, link: &mut Link, now: Now) {
        let mut message = Vec::new();
        let mut room = link.room();
        loop {
            link.is_blocked = room == 0;
            let mut out = Vec::new();
            let written = self.engine.poll_transmit(key, room.min(MESSAGE_LEN), &mut out, now.instant());
            if written == 0 {
                return;
            }
            message.clear();
            out.iter().for_each(|part| message.extend_from_slice(part));
            link.send(&message);
            room = room.saturating_sub(written);
        }
    }

    fn perform(
        &mut self,
        action: Action,
        links: &mut BTreeMap<LinkKey, Link>,
        drained: &mut Drained,
        handle: &Handle,
        now: Now,
    ) {
        match action {
            Action::Hash { job, piece, data } => self.hash(job, piece, &data, handle),
            Action::Store { job, piece, data } => self.keep(job, piece, &data, handle),
            Action::Load { job, piece, begin, len } => self.load(job, (piece, begin, len), handle),
            Action::Close { link, why } => {
                // What was polled before goes out first; dropping the link closes its socket after that.
                if let Some(open) = links.get_mut(&link) {
                    self.transmit(link, open, now);
                }
                drained.closed.push((link, why));
            }
        }
    }

    fn hash(&mut self, job: JobId, piece: u32, data: &PieceData, handle: &Handle) {
        let (key, handle) = (self.key, handle.clone());
        let buffer = self.store.gather(piece, data);
        spawn_local(async move {
            let digest = sha1(&buffer).await.map_err(StorageError);
            handle.run(|driver| driver.on_hashed(key, piece, Input::Hashed { job, digest }));
        });
    }

    fn keep(&mut self, job: JobId, piece: u32, data: &PieceData, handle: &Handle) {
        let (key, handle) = (self.key, handle.clone());
        let kept = self.store.store(piece, data);
        spawn_local(async move {
            let result = kept.await.map_err(StorageError);
            handle.run(|driver| driver.on_answer(key, Input::Stored { job, result }));
        });
    }

    fn load(&mut self, job: JobId, (piece, begin, len): (u32, u32, u32), handle: &Handle) {
        let (key, handle) = (self.key, handle.clone());
        let load = self.store.load(piece, begin, len);
        spawn_local(async move {
            let result = load.await.map_err(StorageError);
            handle.run(|driver| driver.on_answer(key, Input::Loaded { job, result }));
        });
    }
}
