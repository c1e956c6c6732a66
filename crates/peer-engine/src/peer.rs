//! One link's protocol state: what both sides said, and what waits to be sent.

use std::collections::VecDeque;
use std::net::SocketAddr;

use bytes::BytesMut;
use peer_wire::{Behind, Decoder, ExtensionIds, Message};
use peer_wire::{PeerId, PexPeer};

use crate::config::Config;
use crate::declined::Declined;
use crate::have_log::HaveLog;
use crate::ids::{Identity, LinkKey};
use crate::input::{Direction, Opening};
use crate::peer_exchange::Told;
use crate::picker::Sender;
use crate::piece_set::PieceSet;
use crate::rate::Rate;
use crate::request_window::RequestWindow;
use crate::slot::Slot;
use crate::talk::Talk;
use crate::time::Timestamp;
use crate::upload_queue::UploadQueue;

/// Advice remembered per peer.
const SUGGESTIONS_MAX: usize = 16;

/// Added to the wait for a snubbed peer, milliseconds.
const SNUBBED_WAIT_MS: u64 = 600_000;

/// How a peer's pieces are counted in the availability.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Counted {
    /// Piece by piece.
    Pieces,
    /// It had everything when it said so.
    Seeder,
}

/// One link.
#[derive(Debug)]
pub struct Peer {
    pub link: LinkKey,
    pub opening: Opening,
    pub decoder: Decoder,
    /// From its handshake; `None` before.
    pub id: Option<PeerId>,
    /// Both sides speak BEP 6.
    pub fast: bool,
    /// It understands messages of BEP 10.
    pub speaks_extensions: bool,
    pub client: Option<String>,
    /// From whom it has what it serves, if it is a bridge.
    pub behind: Vec<Behind>,
    /// The extensions that it speaks.
    pub extensions: ExtensionIds,
    /// Where it accepts connections, as it says.
    pub port: Option<u16>,
    /// Of whom it was told.
    pub told: Told,
    /// Parts of the info dictionary that it asked for.
    pub metadata_waiting: VecDeque<u32>,
    /// So many it was given, those that wait included.
    pub metadata_parts: u32,
    pub pieces: PieceSet,
    pub counted: Counted,
    /// What it rejected.
    pub declined: Declined,
    /// Pieces it has, and we want and lack.
    pub interesting: u32,
    pub we_are_interested: bool,
    /// We stay interested while it has anything (`Config::fetch_only`).
    pub keeps_interest: bool,
    /// What it gets of us.
    pub slot: Slot,
    pub choking_us: bool,
    pub interested_in_us: bool,
    pub window: RequestWindow,
    /// The piece that it is filling.
    pub current: Option<u32>,
    /// Nothing to ask of it was found; not tried again until something changes.
    pub starved: bool,
    /// Pieces it advised us to take, newest last.
    pub suggested: VecDeque<u32>,
    pub uploads: UploadQueue,
    /// Encoded messages that go out before anything else.
    pub control: BytesMut,
    /// Our pieces up to here in the engine's log were told to it.
    pub haves_told: usize,
    /// Our pieces up to here in the engine's log are accounted for in `interesting`.
    pub haves_seen: usize,
    pub down: Rate,
    pub up: Rate,
    /// What it sends unasked.
    pub talk: Talk,
    pub opened_at: Timestamp,
    pub last_received: Timestamp,
    pub last_sent: Timestamp,
    /// When a block last went to it: whoever waits longest is next under an upload limit.
    pub last_block_sent: Timestamp,
    /// When a block last came from it.
    pub last_block: Timestamp,
    /// The driver knows that there is something to send.
    pub is_ready: bool,
}

impl Peer {
    pub fn new(link: LinkKey, opening: Opening, pieces: u32, config: &Config, now: Timestamp) -> Self {
        Self {
            link,
            opening,
            decoder: Decoder::new(pieces),
            id: None,
            fast: false,
            speaks_extensions: false,
            behind: Vec::new(),
            client: None,
            extensions: ExtensionIds::default(),
            port: None,
            told: Told::default(),
            metadata_waiting: VecDeque::new(),
            metadata_parts: 0,
            pieces: PieceSet::none(pieces),
            counted: Counted::Pieces,
            declined: Declined::default(),
            interesting: 0,
            we_are_interested: false,
            keeps_interest: config.fetch_only,
            slot: Slot::new(now),
            choking_us: true,
            interested_in_us: false,
            window: RequestWindow::new(config, now),
            current: None,
            starved: false,
            suggested: VecDeque::new(),
            uploads: UploadQueue::default(),
            control: BytesMut::new(),
            haves_told: 0,
            haves_seen: 0,
            down: Rate::default(),
            up: Rate::default(),
            talk: Talk::new(pieces, now),
            opened_at: now,
            last_received: now,
            last_sent: now,
            last_block_sent: now,
            last_block: now,
            is_ready: false,
        }
    }

    /// Queues a small message.
    pub fn say(&mut self, message: &Message) {
        message.encode(&mut self.control);
    }

    /// The peer advises to take this piece.
    pub fn on_suggested(&mut self, piece: u32) {
        if self.suggested.len() == SUGGESTIONS_MAX {
            self.suggested.pop_front();
        }
        self.suggested.push_back(piece);
    }

    /// Who this is, once the handshake is there.
    pub fn sender(&self) -> Option<Sender> {
        Some(Sender { link: self.link, peer: self.id?, identity: self.opening.identity })
    }

    /// What it has of our latest pieces no longer interests us.
    pub fn catch_up(&mut self, have_log: &HaveLog, wanted: &PieceSet) {
        let news = have_log.since(self.haves_seen).iter();
        self.interesting -=
            news.filter(|piece| self.pieces.contains(**piece) && wanted.contains(**piece)).count() as u32;
        self.haves_seen = have_log.len();
        self.update_interest();
    }

    /// We have verified pieces that it was not told of.
    pub fn has_news(&self, have_log: &HaveLog) -> bool {
        self.id.is_some() && self.haves_told < have_log.len()
    }

    /// Tells it when our interest has changed.
    pub fn update_interest(&mut self) {
        let stays = self.keeps_interest && (self.we_are_interested || !self.pieces.is_empty());
        let is_interesting = self.interesting > 0 || stays;
        if is_interesting != self.we_are_interested {
            self.we_are_interested = is_interesting;
            self.say(if is_interesting { &Message::Interested } else { &Message::NotInterested });
        }
    }

    /// As others are told of it: it can be dialed.
    pub fn tellable(&self) -> Option<PexPeer> {
        self.id?;
        let address = self.opening.address?;
        let is_reached = self.opening.direction == Direction::Dialed;
        let port = if is_reached { address.port() } else { self.port? };
        Some(PexPeer {
            address: SocketAddr::new(address.ip().to_canonical(), port),
            is_seed: self.pieces.is_full(),
            is_reached,
        })
    }

    /// Who runs it, as the program vouches.
    pub fn identity(&self) -> Option<Identity> {
        self.opening.identity
    }

    /// How long its outstanding requests will take, milliseconds. A snubbed peer comes after everybody else:
    /// otherwise silent peers would take a block again and again before a better one is asked.
    pub fn wait_ms(&self, now: Timestamp) -> u64 {
        let snubbed_ms = if self.window.is_snubbed() { SNUBBED_WAIT_MS } else { 0 };
        snubbed_ms + self.window.bytes() * 1_000 / self.down.per_second(now).max(1)
    }

    /// A request could go out now, as far as this peer is concerned.
    pub fn can_be_asked(&self) -> bool {
        self.we_are_interested && !self.choking_us && !self.starved && self.window.room() > 0
    }
}
