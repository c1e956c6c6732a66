//! One file on its way or being served: drives its local peer, and carries out what needs no tracker.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::Uint8Array;
use local_peer::{Config, Input, LinkFailure, LocalPeer, Output, Path, Refused, Room};
use metainfo::Info;
use peer_engine::{LinkKey, PieceSet};
use wire_protocol::control::LinkGrant;
use wire_protocol::ids::PeerId;
use wire_protocol::link::SUBPROTOCOL;

use super::Handle;
use super::clock::Now;
use super::crypto::{random, random_u64};
use super::link::Link;
use super::scope::log;
use super::socket::{Server, SocketEvent};
use super::storage::Storage;
use super::swarms::LIMIT;
use crate::tuning::Tuning;

/// What is handed to the engine at once: a slow block keeps no more than this in memory.
const CHUNK_LEN: usize = 64 * 1024;
/// What is asked of the engine for one message. One block may come on top, and 256 KiB messages are the
/// fastest in Chromium.
const MESSAGE_LEN: usize = 256 * 1024 - 17 * 1024;

/// A file on its way or being served.
pub(super) struct Transfer {
    /// The number of its swarm.
    key: u64,
    handle: Handle,
    server: Server,
    pub(super) peer: LocalPeer,
    pub(super) storage: Storage,
    links: BTreeMap<LinkKey, Link>,
}

impl Transfer {
    /// Begins with no piece.
    pub(super) fn new(
        key: u64,
        handle: Handle,
        server: Server,
        info: Info,
        engine: peer_engine::Config,
        now: Now,
    ) -> Self {
        let pieces = info.layout().pieces();
        let config = Config { limit: LIMIT, direct: false };
        let mut peer = LocalPeer::new(config, PeerId::covey(random()), random_u64(), now.timestamp());
        peer.begin(engine, Arc::new(info), PieceSet::none(pieces), now.timestamp());
        let storage = Storage::new(key, handle.clone(), pieces);
        Self { key, handle, server, peer, storage, links: BTreeMap::new() }
    }

    /// Something happened that the local peer is to know.
    pub(super) fn handle(&mut self, input: Input, now: Now) {
        self.peer.handle(input, now.timestamp());
    }

    /// Milliseconds since the last byte, or since the wait began.
    pub(super) fn quiet_ms(&self, now: Now) -> u64 {
        self.peer.quiet(now.timestamp()).as_millis() as u64
    }

    // ------------------------------------------------------------ links

    /// The local peer dials, and the tracker is being asked.
    pub(super) fn on_asked(&mut self, link: LinkKey) {
        self.links.insert(link, Link::default());
    }

    /// The tracker grants a link that was dialed.
    pub(super) fn on_granted(&mut self, link: LinkKey, grant: LinkGrant, now: Now) {
        if let Some(asked) = self.links.get_mut(&link) {
            asked.grant(grant);
            self.handle(Input::Granted { link }, now);
        }
    }

    /// Another peer wants a link.
    ///
    /// # Errors
    /// The local peer does not.
    pub(super) fn accept(
        &mut self,
        from: local_peer::Candidate,
        grant: LinkGrant,
        room: &mut Room,
        now: Now,
    ) -> Result<(), Refused> {
        let link = self.peer.accept(from, Path::Relay, room, now.timestamp())?;
        let mut granted = Link::default();
        granted.grant(grant);
        self.links.insert(link, granted);
        Ok(())
    }

    /// A link that was dialed will not open.
    pub(super) fn on_failed(&mut self, link: LinkKey, why: LinkFailure, now: Now) {
        self.links.remove(&link);
        self.handle(Input::Failed { link, why }, now);
    }

    /// Something happened to a link's socket.
    pub(super) fn on_link_event(&mut self, key: LinkKey, event: SocketEvent, now: Now) {
        let Some(link) = self.links.get_mut(&key) else {
            return;
        };
        match event {
            SocketEvent::Opened => link.on_opened(),
            SocketEvent::Message(message) if link.is_paired => self.on_message(key, &message, now),
            SocketEvent::Message(message) => {
                if link.on_pairing(&message) {
                    self.handle(Input::Paired { link: key }, now);
                    self.handle(Input::Secured { link: key, who: None }, now);
                } else {
                    self.on_failed(key, LinkFailure::NotPaired, now);
                }
            }
            SocketEvent::Closed => {
                self.links.remove(&key);
                self.handle(Input::Closed { link: key }, now);
            }
        }
    }

    /// A message of a link that carries bytes: copied out of the browser's memory in chunks.
    fn on_message(&mut self, link: LinkKey, message: &Uint8Array, now: Now) {
        let len = message.length();
        for begin in (0..len).step_by(CHUNK_LEN) {
            let end = len.min(begin + CHUNK_LEN as u32);
            let bytes = Bytes::from(message.subarray(begin, end).to_vec());
            self.handle(Input::Received { link, bytes }, now);
        }
    }

    fn open(&mut self, key: LinkKey, now: Now) {
        let Some(link) = self.links.get_mut(&key) else {
            return;
        };
        let (swarm, handle) = (self.key, self.handle.clone());
        let happened = move |event| handle.run(|driver| driver.on_link_event(swarm, key, event));
        match self.server.open(link.relay(), "/link", SUBPROTOCOL, happened) {
            Some(socket) => link.set_socket(socket),
            None => self.on_failed(key, LinkFailure::Unreachable, now),
        }
    }

    /// What was sent before still goes out; the place is free at once.
    fn close(&mut self, link: LinkKey, now: Now) {
        self.links.remove(&link);
        self.handle(Input::Closed { link }, now);
    }

    // ------------------------------------------------------------ what is wanted

    /// Carries out what the local peer wants, as far as it needs no tracker; hands back the rest.
    pub(super) fn carry_out(&mut self, output: Output, now: Now) -> Option<Output> {
        match output {
            Output::Pair { link } => self.open(link, now),
            Output::Transmit(link) => self.transmit(link, now),
            Output::Storage(job) => self.storage.submit(job),
            Output::Close { link, why } => {
                log(&format!("a link is closed: {why}"));
                self.close(link, now);
            }
            rest => return Some(rest),
        }
        None
    }

    /// Links that were full may have room again. (Sending has no event.)
    pub(super) fn transmit_blocked(&mut self, now: Now) {
        let blocked: Vec<LinkKey> =
            self.links.iter().filter(|(_, link)| link.is_blocked).map(|(key, _)| *key).collect();
        blocked.into_iter().for_each(|link| self.transmit(link, now));
    }

    /// A link has more to send than its socket takes.
    pub(super) fn is_blocked(&self) -> bool {
        self.links.values().any(|link| link.is_blocked)
    }

    /// Writes as much as the link takes, in messages of up to 256 KiB.
    fn transmit(&mut self, key: LinkKey, now: Now) {
        let Some(link) = self.links.get_mut(&key) else {
            return;
        };
        let mut message = Vec::new();
        let mut room = link.room();
        loop {
            link.is_blocked = room == 0;
            let mut out = Vec::new();
            let written = self.peer.transmit(key, room.min(MESSAGE_LEN), &mut out, now.timestamp());
            if written == 0 {
                return;
            }
            message.clear();
            out.iter().for_each(|part| message.extend_from_slice(part));
            link.send(&message);
            room = room.saturating_sub(written);
        }
    }
}

/// The engine of a tab.
pub(super) fn engine_config(client: &str, tuning: Tuning) -> peer_engine::Config {
    let mut config = peer_engine::Config::for_memory(client);
    (config.policy, config.limits) = (tuning.policy, tuning.limits());
    config
}
