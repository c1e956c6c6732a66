//! Peers without an engine, for what the engine cannot be brought to do. They speak the real wire, dial by the
//! same rule and accept every link.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use local_peer::{Candidate, Input, Output, Path, PeerId, Progress};
use metainfo::Info;
use peer_engine::{LinkKey, Timestamp};
use peer_wire::{Decoder, Handshake, Message, Reserved};

use crate::conduct::Conduct;

/// Between two bursts of a flood.
const FLOOD_EVERY: Duration = Duration::from_millis(100);
/// Requests in a burst.
const FLOOD_BURST: u32 = 100;
/// Between two requests of a peer that asks.
const ASK_EVERY: Duration = Duration::from_millis(400);
/// Others close a link after two minutes of silence.
const KEEPALIVE_EVERY: Duration = Duration::from_secs(50);

/// A peer that requests without end, or only waits.
#[derive(Debug)]
pub(crate) struct Rogue {
    conduct: Conduct,
    info: Arc<Info>,
    local: PeerId,
    links: BTreeMap<LinkKey, Conversation>,
    /// Links that are on their way, and who dialed them.
    coming: BTreeMap<LinkKey, IsDialed>,
    /// Whom it has dialed. It does so once.
    dialed: BTreeSet<PeerId>,
    last_link: u64,
    outputs: VecDeque<Output>,
    next_turn: Timestamp,
    rng: fastrand::Rng,
    /// Time that all its links together were unchoked.
    unchoked_for: Duration,
}

type IsDialed = bool;

#[derive(Debug)]
struct Conversation {
    decoder: Decoder,
    is_dialed: bool,
    is_greeted: bool,
    unchoked_at: Option<Timestamp>,
    out: BytesMut,
}

impl Rogue {
    pub fn new(conduct: Conduct, info: Arc<Info>, local: PeerId, seed: u64, now: Timestamp) -> Self {
        let nothing = Output::Announce(Progress::Pieces { have: 0, total: info.layout().pieces() });
        Self {
            conduct,
            info,
            local,
            links: BTreeMap::new(),
            coming: BTreeMap::new(),
            dialed: BTreeSet::new(),
            last_link: 0,
            outputs: VecDeque::from([nothing]),
            next_turn: now + FLOOD_EVERY,
            rng: fastrand::Rng::with_seed(seed),
            unchoked_for: Duration::ZERO,
        }
    }

    pub fn handle(&mut self, input: Input, now: Timestamp) {
        match input {
            Input::Listed { candidates, .. } => self.on_listed(&candidates),
            Input::Granted { link } => self.outputs.push_back(Output::Pair { link }),
            Input::Secured { link, .. } => self.on_open(link),
            Input::Received { link, bytes } => self.on_received(link, bytes, now),
            Input::Closed { link } => {
                if let Some(conversation) = self.links.remove(&link) {
                    self.unchoked_for += conversation.unchoked_at.map_or(Duration::ZERO, |at| now.since(at));
                }
            }
            Input::Tick => self.on_tick(now),
            _ => {}
        }
    }

    /// Another peer wants a link.
    pub fn accept(&mut self, path: Path) -> LinkKey {
        let link = self.next_link(false);
        if path == Path::Relay {
            self.outputs.push_back(Output::Pair { link });
        }
        link
    }

    fn next_link(&mut self, is_dialed: IsDialed) -> LinkKey {
        self.last_link += 1;
        self.coming.insert(LinkKey(self.last_link), is_dialed);
        LinkKey(self.last_link)
    }

    fn on_listed(&mut self, candidates: &[Candidate]) {
        for candidate in candidates {
            let Some(peer) = candidate.peer else {
                continue;
            };
            let is_ours_to_dial = candidate.progress.is_complete() || self.local > peer;
            if peer != self.local && is_ours_to_dial && self.dialed.insert(peer) {
                let path = if candidate.addresses.is_empty() { Path::Relay } else { Path::Direct };
                let (link, to) = (self.next_link(true), Box::new(candidate.clone()));
                self.outputs.push_back(Output::Dial { link, to, path });
            }
        }
    }

    fn on_open(&mut self, link: LinkKey) {
        let Some(is_dialed) = self.coming.remove(&link) else {
            return;
        };
        let mut out = BytesMut::new();
        if is_dialed {
            out.extend_from_slice(&self.handshake());
        }
        let decoder = Decoder::new(self.info.layout().pieces());
        let conversation = Conversation { decoder, is_dialed, is_greeted: false, unchoked_at: None, out };
        self.links.insert(link, conversation);
        self.outputs.push_back(Output::Transmit(link));
    }

    fn on_received(&mut self, link: LinkKey, bytes: Bytes, now: Timestamp) {
        let handshake = self.handshake();
        let Some(conversation) = self.links.get_mut(&link) else {
            return;
        };
        conversation.decoder.push(bytes);
        if !conversation.is_greeted {
            let Ok(Some(_)) = conversation.decoder.next_handshake() else {
                return;
            };
            conversation.is_greeted = true;
            if !conversation.is_dialed {
                conversation.out.extend_from_slice(&handshake);
            }
            Message::HaveNone.encode(&mut conversation.out);
            Message::Interested.encode(&mut conversation.out);
            self.outputs.push_back(Output::Transmit(link));
        }
        while let Ok(Some(message)) = conversation.decoder.next_message() {
            match message {
                Message::Unchoke => conversation.unchoked_at = Some(now),
                Message::Choke => {
                    let since = conversation.unchoked_at.take();
                    self.unchoked_for += since.map_or(Duration::ZERO, |at| now.since(at));
                }
                _ => {}
            }
        }
    }

    fn on_tick(&mut self, now: Timestamp) {
        if now < self.next_turn {
            return;
        }
        self.next_turn = now + self.pause();
        let layout = *self.info.layout();
        for (link, conversation) in self.links.iter_mut().filter(|(_, conversation)| conversation.is_greeted) {
            let requests = match self.conduct {
                Conduct::Floods => FLOOD_BURST,
                Conduct::Asks => u32::from(conversation.unchoked_at.is_some()),
                _ => 0,
            };
            for _ in 0..requests {
                let piece = self.rng.u32(0..layout.pieces());
                let block = layout.block(piece, self.rng.u32(0..layout.blocks(piece)));
                Message::Request(block).encode(&mut conversation.out);
            }
            if requests == 0 {
                Message::KeepAlive.encode(&mut conversation.out);
            }
            self.outputs.push_back(Output::Transmit(*link));
        }
    }

    fn pause(&self) -> Duration {
        match self.conduct {
            Conduct::Floods => FLOOD_EVERY,
            Conduct::Asks => ASK_EVERY,
            _ => KEEPALIVE_EVERY,
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    pub fn transmit(&mut self, link: LinkKey, out: &mut Vec<Bytes>) -> usize {
        let Some(conversation) = self.links.get_mut(&link) else {
            return 0;
        };
        let bytes = conversation.out.split().freeze();
        let len = bytes.len();
        if len > 0 {
            out.push(bytes);
        }
        len
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
        (!self.links.is_empty()).then_some(self.next_turn)
    }

    /// How long its links were unchoked, up to `now`.
    pub fn unchoked_for(&self, now: Timestamp) -> Duration {
        let open = self.links.values().filter_map(|conversation| conversation.unchoked_at);
        self.unchoked_for + open.map(|at| now.since(at)).sum::<Duration>()
    }

    fn handshake(&self) -> [u8; 68] {
        let reserved = Reserved { fast: true, extensions: false };
        Handshake { reserved, info_hash: self.info.info_hash(), peer_id: self.local }.encode()
    }
}
