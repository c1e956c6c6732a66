//! One file's engine and pieces: carries out what the engine asks for.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::Uint8Array;
use metainfo::Info;
use peer_engine::{
    Command, Config, Engine, Event, Input, Job, LinkKey, Output, PieceSet, StorageError, StorageErrorKind,
};
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::PeerId;

use super::Handle;
use super::blobs::PieceStore;
use super::clock::Now;
use super::crypto::{random, random_u64, sha1};
use super::link::Link;
use super::scope::log;
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
}

/// What went over a link, bytes of blocks.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Given {
    pub(super) downloaded: u64,
    pub(super) uploaded: u64,
}

impl Transfer {
    /// Begins with no piece.
    pub(super) fn new(key: u64, info: Info, client: &str, tuning: Tuning, now: Now) -> Self {
        let info = Arc::new(info);
        let pieces = info.layout().pieces();
        let local = PeerId::covey(random());
        let mut config = Config::for_memory(client);
        (config.policy, config.limits) = (tuning.policy, tuning.limits());
        let engine = Engine::new(config, info.clone(), PieceSet::none(pieces), local, random_u64(), now.timestamp());
        Self { key, local, info, engine, store: PieceStore::new(pieces), last_byte_ms: now.ms() }
    }

    /// The person wants something else of the engine.
    pub(super) fn command(&mut self, command: Command, now: Now) {
        self.engine.handle(Input::Command(command), now.timestamp());
    }

    /// Milliseconds since the last byte.
    pub(super) fn quiet_ms(&self, now: Now) -> u64 {
        now.ms().saturating_sub(self.last_byte_ms)
    }

    /// The wait began now: the person came, or the last link went.
    pub(super) fn restart_quiet(&mut self, now: Now) {
        self.last_byte_ms = now.ms();
    }

    /// A link closed under us.
    pub(super) fn on_link_closed(&mut self, link: LinkKey, now: Now) {
        self.engine.handle(Input::LinkClosed { link }, now.timestamp());
    }

    /// A message of an open link: copied out of the browser's memory in chunks.
    pub(super) fn on_message(&mut self, link: LinkKey, message: &Uint8Array, now: Now) {
        self.last_byte_ms = now.ms();
        let len = message.length();
        for begin in (0..len).step_by(CHUNK_LEN) {
            let end = len.min(begin + CHUNK_LEN as u32);
            let bytes = Bytes::from(message.subarray(begin, end).to_vec());
            self.engine.handle(Input::Received { link, bytes }, now.timestamp());
        }
    }

    /// Carries out everything that the engine wants now. Returns what it tells.
    pub(super) fn drain(&mut self, links: &mut BTreeMap<LinkKey, Link>, handle: &Handle, now: Now) -> Vec<Event> {
        let mut events = Vec::new();
        for (key, link) in links.iter_mut().filter(|(_, link)| link.is_blocked) {
            self.transmit(*key, link, now);
        }
        while let Some(output) = self.engine.poll_output() {
            match output {
                Output::Transmit(key) => {
                    if let Some(link) = links.get_mut(&key) {
                        self.transmit(key, link, now);
                    }
                }
                Output::Storage(job) => self.perform(job, handle),
                // `PeerGone` came before it: whoever hears that drops the link, which closes its socket after what
                // was sent.
                Output::Close { .. } => {}
                Output::Event(event) => {
                    if let Event::PieceFailed { piece, .. } = &event {
                        self.store.forget_buffer(*piece);
                    }
                    events.push(event);
                }
                other => log(&format!("the engine wants something unknown: {other:?}")),
            }
        }
        events
    }

    /// Something the engine asked for is done.
    pub(super) fn on_answer(&mut self, answer: Input, now: Now) {
        self.engine.handle(answer, now.timestamp());
    }

    /// Writes as much as the link takes, in messages of up to 256 KiB.
    fn transmit(&mut self, key: LinkKey, link: &mut Link, now: Now) {
        let mut message = Vec::new();
        let mut room = link.room();
        loop {
            link.is_blocked = room == 0;
            let mut out = Vec::new();
            let written = self.engine.transmit(key, room.min(MESSAGE_LEN), &mut out, now.timestamp());
            if written == 0 {
                return;
            }
            message.clear();
            out.iter().for_each(|part| message.extend_from_slice(part));
            link.send(&message);
            room = room.saturating_sub(written);
        }
    }

    fn perform(&mut self, job: Job, handle: &Handle) {
        let (key, handle) = (self.key, handle.clone());
        match job {
            Job::Hash { job, piece, data } => {
                let buffer = self.store.gather(job, piece, &data);
                spawn_local(async move {
                    let digest = sha1(&buffer).await.map_err(other);
                    handle.run(|driver| driver.on_answer(key, Input::Hashed { job, digest }));
                });
            }
            Job::Store { job, piece, data, hashed_by } => {
                let kept = self.store.store(piece, &data, hashed_by);
                spawn_local(async move {
                    let result = kept.await.map_err(no_room);
                    handle.run(|driver| driver.on_answer(key, Input::Stored { job, result }));
                });
            }
            Job::Load { job, piece, begin, len } => {
                let load = self.store.load(piece, begin, len);
                spawn_local(async move {
                    let result = load.await.map_err(other);
                    handle.run(|driver| driver.on_answer(key, Input::Loaded { job, result }));
                });
            }
        }
    }
}

/// What the browser says when it keeps something is always of room.
fn no_room(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::NoRoom, detail)
}

fn other(detail: String) -> StorageError {
    StorageError::new(StorageErrorKind::Other, detail)
}
