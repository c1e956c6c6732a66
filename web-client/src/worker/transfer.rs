//! One file on its way or being served: drives its local peer, and carries out what needs no tracker.

use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use bytes::Bytes;
use js_sys::Uint8Array;
use local_peer::{Config, Input, LinkFailure, LocalPeer, Output, Path, Refused, Room};
use membership::SwarmCredentials;
use metainfo::Info;
use peer_engine::{Command, LinkKey, PieceSet};
use secure_link::{Contact, LinkError, LinkKeys};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use wire_protocol::control::{LinkGrant, PeerName};
use wire_protocol::ids::PeerId;
use wire_protocol::link::SUBPROTOCOL;

use super::Handle;
use super::clock::{Now, ServerClock};
use super::crypto::{random, random_u64};
use super::link::{BrowserCipher, Carried, Heard, Link, Security};
use super::scope::log;
use super::socket::{Server, Socket, SocketEvent};
use super::storage::{Opened, SourceReader, Storage};
use super::swarms::LIMIT;
use crate::tuning::Tuning;

/// Whose transfer it is, and how it reaches others.
pub(super) struct TransferConfig {
    /// The number of its swarm.
    pub(super) key: u64,
    pub(super) handle: Handle,
    pub(super) server: Server,
    /// Off for measuring only.
    pub(super) is_encrypted: bool,
}

/// A file on its way or being served.
pub(super) struct Transfer {
    /// The number of its swarm.
    key: u64,
    handle: Handle,
    server: Server,
    pub(super) peer: LocalPeer,
    pub(super) storage: Storage,
    links: BTreeMap<LinkKey, Link>,
    /// Off for measuring only.
    is_encrypted: bool,
    own: Option<SwarmCredentials>,
    clock: ServerClock,
}

impl Transfer {
    /// Begins with the pieces that are there, and without a proof of its own.
    pub(super) fn new(config: TransferConfig, mut opened: Opened, engine: peer_engine::Config, now: Now) -> Self {
        let (info, have) = (Arc::new(opened.info.clone()), opened.take_have());
        let storage = Storage::new(config.key, config.handle.clone(), opened);
        Self::begin(config, (info, have), storage, PeerId::covey(random()), engine, now)
    }

    /// Begins with all pieces, which are read from a File. `local`: as which peer the group was told of it.
    pub(super) fn of_source(
        config: TransferConfig,
        info: Arc<Info>,
        source: Rc<SourceReader>,
        local: PeerId,
        engine: peer_engine::Config,
        now: Now,
    ) -> Self {
        let all = PieceSet::all(info.layout().pieces());
        let storage = Storage::of_source(config.key, config.handle.clone(), source);
        Self::begin(config, (info, all), storage, local, engine, now)
    }

    fn begin(
        config: TransferConfig,
        (info, have): (Arc<Info>, PieceSet),
        storage: Storage,
        local: PeerId,
        engine: peer_engine::Config,
        now: Now,
    ) -> Self {
        let TransferConfig { key, handle, server, is_encrypted } = config;
        let config = Config { limit: LIMIT, direct: false };
        let mut peer = LocalPeer::new(config, local, random_u64(), now.timestamp());
        peer.begin(engine, info, have, now.timestamp());
        let (own, clock) = (None, ServerClock::default());
        Self { key, handle, server, peer, storage, links: BTreeMap::new(), is_encrypted, own, clock }
    }

    /// Something happened that the local peer is to know.
    pub(super) fn handle(&mut self, input: Input, now: Now) {
        self.peer.handle(input, now.timestamp());
    }

    /// Others get what is here, or do not.
    pub(super) fn serve(&mut self, serves: bool, now: Now) {
        self.handle(Input::Command(Command::SetServing(serves)), now);
    }

    /// Time has passed.
    pub(super) fn tick(&mut self, now: Now) {
        self.handle(Input::Tick, now);
        if let Err(why) = self.storage.tend(now) {
            // The next piece is refused as well, and ends the download.
            log(&why);
        }
    }

    /// Milliseconds since the last byte, or since the wait began.
    pub(super) fn quiet_ms(&self, now: Now) -> u64 {
        self.peer.quiet(now.timestamp()).as_millis() as u64
    }

    // ------------------------------------------------------------ links

    /// How this tab proves itself to others of the swarm, and the tracker's time.
    pub(super) fn set_own(&mut self, own: Option<SwarmCredentials>, clock: ServerClock) {
        (self.own, self.clock) = (own, clock);
    }

    /// How a link to or from this peer is secured; `None`: this tab cannot prove itself yet.
    fn security(&self, peer: PeerName, side: fn(SwarmCredentials, Contact) -> Security) -> Option<Security> {
        if !self.is_encrypted {
            return Some(Security::Plain);
        }
        Some(side(self.own.clone()?, Contact { member: peer.member, peer: peer.peer }))
    }

    /// The local peer dials, and the tracker is being asked.
    pub(super) fn on_asked(&mut self, link: LinkKey) {
        self.links.insert(link, Link::new());
    }

    /// The tracker grants a link that was dialed.
    pub(super) fn on_granted(&mut self, link: LinkKey, grant: LinkGrant, now: Now) {
        let security = self.security(grant.peer.name, Security::Initiate);
        match (self.links.get_mut(&link), security) {
            (None, _) => {}
            (Some(asked), Some(security)) => {
                asked.grant(grant, security);
                self.handle(Input::Granted { link }, now);
            }
            (Some(_), None) => self.on_failed(link, LinkFailure::OutOfDate, now),
        }
    }

    /// Another peer wants a link.
    ///
    /// # Errors
    /// Why there will be none.
    pub(super) fn accept(
        &mut self,
        from: local_peer::Candidate,
        grant: LinkGrant,
        room: &mut Room,
        now: Now,
    ) -> Result<(), NotAccepted> {
        let security = self.security(grant.peer.name, Security::Respond).ok_or(NotAccepted::Unproved)?;
        let link = self.peer.accept(from, Path::Relay, room, now.timestamp())?;
        let mut granted = Link::new();
        granted.grant(grant, security);
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
            SocketEvent::Message(message) if link.is_open() => self.on_message(key, &message, now),
            SocketEvent::Message(message) => self.on_early_message(key, &message, now),
            SocketEvent::Closed if link.end() => {}
            SocketEvent::Closed => self.close(key, now),
        }
    }

    fn on_early_message(&mut self, key: LinkKey, message: &Uint8Array, now: Now) {
        let server_ms = self.clock.now_ms(now);
        let Some(heard) = self.links.get_mut(&key).map(|link| link.on_early_message(message, server_ms)) else {
            return;
        };
        match heard {
            Ok(Heard::Nothing) => {}
            Ok(Heard::Paired) => {
                self.handle(Input::Paired { link: key }, now);
                if !self.is_encrypted {
                    self.on_secured(key, Bytes::new(), now);
                }
            }
            Ok(Heard::Secured(bytes)) => self.on_secured(key, bytes, now),
            Ok(Heard::Keyed(keys, socket)) => self.hand_over(key, keys, socket),
            Err(why) => self.on_failed(key, why, now),
        }
    }

    fn on_secured(&mut self, link: LinkKey, bytes: Bytes, now: Now) {
        self.handle(Input::Secured { link, who: None }, now);
        if !bytes.is_empty() {
            self.handle(Input::Received { link, bytes }, now);
        }
    }

    /// The browser's own cipher is given a link's keys.
    fn hand_over(&self, link: LinkKey, keys: LinkKeys, socket: Rc<Socket>) {
        let (swarm, handle) = (self.key, self.handle.clone());
        spawn_local(async move {
            let cipher = BrowserCipher::new(keys, socket).await;
            handle.run(|driver| driver.on_link_keyed(swarm, link, cipher));
        });
    }

    /// It has them.
    pub(super) fn on_keyed(&mut self, key: LinkKey, cipher: Result<BrowserCipher, String>, now: Now) {
        let Some(link) = self.links.get_mut(&key) else {
            return;
        };
        match cipher {
            Ok(cipher) => {
                let waiting = link.on_keyed(cipher);
                self.on_secured(key, Bytes::new(), now);
                waiting.into_iter().for_each(|chunk| self.on_chunk(key, chunk, now));
            }
            Err(why) => {
                log(&why);
                self.on_failed(key, LinkFailure::NotSecured, now);
            }
        }
    }

    /// A message of a link that carries bytes: copied out of the browser's memory in chunks, and opened.
    fn on_message(&mut self, key: LinkKey, message: &Uint8Array, now: Now) {
        let (len, mut begin) = (message.length(), 0);
        while let Some(link) = self.links.get(&key).filter(|_| begin < len) {
            let end = begin.saturating_add(link.chunk_len()).min(len);
            self.on_chunk(key, message.subarray(begin, end).to_vec().into(), now);
            begin = end;
        }
    }

    fn on_chunk(&mut self, key: LinkKey, chunk: Bytes, now: Now) {
        match self.links.get_mut(&key).map(|link| link.open(chunk)) {
            None | Some(Ok(Carried::Nothing)) => {}
            Some(Ok(Carried::Now(bytes))) => self.handle(Input::Received { link: key, bytes }, now),
            Some(Ok(Carried::Later((number, records)))) => {
                let (swarm, handle) = (self.key, self.handle.clone());
                spawn_local(async move {
                    let records = JsFuture::from(records).await;
                    handle.run(|driver| driver.on_records_opened(swarm, key, number, records));
                });
            }
            Some(Err(error)) => self.on_broken(key, error, now),
        }
    }

    /// The browser has opened, or refused, what has this number.
    pub(super) fn on_records_opened(&mut self, key: LinkKey, number: u64, records: Result<JsValue, JsValue>, now: Now) {
        if let Some(link) = self.links.get_mut(&key) {
            link.on_records_opened(number, records);
        }
        while let Some(opened) = self.links.get_mut(&key).and_then(Link::next_opened) {
            match opened {
                Ok(parts) => parts.into_iter().for_each(|bytes| self.handle(Input::Received { link: key, bytes }, now)),
                Err(error) => self.on_broken(key, error, now),
            }
        }
        if self.links.get(&key).is_some_and(Link::is_over) {
            self.close(key, now);
        }
    }

    fn on_broken(&mut self, link: LinkKey, error: LinkError, now: Now) {
        log(&format!("a link is broken: {error}"));
        self.close(link, now);
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

    /// No link is alive any more.
    pub(super) fn close_all(&mut self, now: Now) {
        for link in self.links.keys().copied().collect::<Vec<_>>() {
            self.close(link, now);
        }
    }

    // ------------------------------------------------------------ what is wanted

    /// Carries out what the local peer wants, as far as it needs no tracker; hands back the rest.
    pub(super) fn carry_out(&mut self, output: Output, now: Now) -> Option<Output> {
        match output {
            Output::Pair { link } => self.open(link, now),
            Output::Transmit(link) => self.wants_to_send(link),
            Output::Storage(job) => {
                if let Some(answer) = self.storage.submit(job, now) {
                    self.handle(answer, now);
                }
            }
            Output::Close { link, why } => {
                log(&format!("a link is closed: {why}"));
                self.close(link, now);
            }
            rest => return Some(rest),
        }
        None
    }

    fn wants_to_send(&mut self, link: LinkKey) {
        if let Some(link) = self.links.get_mut(&link) {
            link.pace.on_wanted();
        }
    }

    /// Sends on all links whose turn it is. `false`: there is none.
    pub(super) fn send_due(&mut self, now: Now) -> bool {
        let due = self.links.iter().filter(|(_, link)| link.pace.is_due(now.ms()));
        let due: Vec<LinkKey> = due.map(|(key, _)| *key).collect();
        due.iter().for_each(|link| self.transmit(*link, now));
        !due.is_empty()
    }

    /// When the next one is due, milliseconds.
    pub(super) fn sends_at_ms(&self) -> Option<u64> {
        self.links.values().filter_map(|link| link.pace.due_ms()).min()
    }

    /// Writes as much as the link takes, in messages of up to 240 KiB.
    fn transmit(&mut self, key: LinkKey, now: Now) {
        let mut message = Vec::new();
        while let Some(link) = self.links.get_mut(&key) {
            link.pace.on_sent(now.ms());
            let room = link.room();
            let mut parts = Vec::new();
            if self.peer.transmit(key, room, &mut parts, now.timestamp()) == 0 {
                // What has no room is still wanted.
                if room > 0 {
                    link.pace.on_nothing_left();
                }
                return;
            }
            if let Err(error) = link.seal_and_send(&parts, &mut message, now) {
                return self.on_broken(key, error, now);
            }
        }
    }
}

/// Why a link that others want is not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum NotAccepted {
    /// The local peer does not want it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The tracker has not said yet that this tab's person is a member.
    #[error("this tab cannot prove yet who it is")]
    Unproved,
}

/// The engine of a tab.
pub(super) fn engine_config(client: &str, tuning: Tuning) -> peer_engine::Config {
    let mut config = peer_engine::Config::for_memory(client);
    (config.policy, config.limits) = (tuning.policy, tuning.limits());
    config
}
