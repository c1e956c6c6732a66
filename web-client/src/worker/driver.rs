//! The driver: owns the conversation, the swarms and the one timer, and drains them after every input. What
//! each input means stands in the file of its topic.

use std::collections::{BTreeMap, BTreeSet};

use local_peer::Input;
use membership::{Conversation, ConversationConfig, Identity};
use peer_engine::LinkKey;
use wasm_bindgen::JsValue;
use wire_protocol::control::{Origin, SwarmName};
use wire_protocol::ids::GroupId;

use super::Handle;
use super::acts::Deed;
use super::boards::Boards;
use super::clock::Now;
use super::contact::Contact;
use super::crypto::{random, random_u64};
use super::elsewhere::Elsewhere;
use super::link::BrowserCipher;
use super::notices::Notices;
use super::pending::Pending;
use super::playing::Players;
use super::sharing::ToShare;
use super::socket::{Server, SocketEvent};
use super::swarms::Swarms;
use super::timing::Timer;
use super::vault::Kept;
use crate::asking::Asking;
use crate::capacity::Capacity;
use crate::messages::{Landing, Making};
use crate::sleep::Watch;
use crate::tuning::Tuning;

/// What the page tells at the start, and what was kept.
pub(super) struct Start {
    pub(super) origin: Origin,
    pub(super) client: String,
    pub(super) capacity: Capacity,
    pub(super) is_behind_trunk: bool,
    pub(super) is_encrypted: bool,
    pub(super) kept: Kept,
}

/// The peer.
pub(super) struct Driver {
    pub(super) handle: Handle,
    pub(super) server: Server,
    pub(super) client: String,
    pub(super) capacity: Capacity,
    /// Off for measuring only.
    pub(super) is_encrypted: bool,
    pub(super) kept: Kept,
    pub(super) conversation: Conversation,
    pub(super) contact: Contact,
    pub(super) pending: Pending,
    /// What is to be done again once this browser knows the group's new key's number.
    pub(super) stale: Vec<Deed>,
    pub(super) swarms: Swarms,
    pub(super) players: Players,
    pub(super) landing: Option<Landing>,
    /// The group that this person makes.
    pub(super) making: Making,
    /// What is shared once that group is there, and how.
    pub(super) to_share: Vec<ToShare>,
    pub(super) share_tuning: Tuning,
    pub(super) open_group: Option<GroupId>,
    /// The slug of a group that was asked for before the tracker had told which there are.
    pub(super) wanted_group: Option<String>,
    /// What this person asked to join.
    pub(super) asking: Asking,
    pub(super) boards: Boards,
    /// Files of which this person wants a torrent file, until its list of pieces is here.
    pub(super) own_torrents: BTreeSet<SwarmName>,
    /// Swarms that are watched because their group is shown.
    pub(super) watched: BTreeSet<SwarmName>,
    /// Slug and name of each group, for when it is gone.
    pub(super) group_names: BTreeMap<GroupId, (String, String)>,
    /// Files that another tab has open.
    pub(super) elsewhere: Elsewhere,
    pub(super) notices: Notices,
    pub(super) timer: Timer,
    watch: Watch,
    /// The page must know at once.
    pub(super) urgent: bool,
    /// Others get what is downloaded here. What is shared they get in any case.
    pub(super) serves_downloads: bool,
}

impl Driver {
    /// Connects at the first [`Driver::pump`].
    pub(super) fn new(handle: Handle, start: Start) -> Self {
        let now = Now::read();
        let config = ConversationConfig {
            identity: Identity::from_seed(start.kept.seed),
            display_name: start.kept.display_name.clone(),
            client: start.client.clone(),
            origin: start.origin.clone(),
            rng_seed: random_u64(),
            secret_seed: random(),
        };
        let mut conversation = Conversation::new(config, now.ms());
        for (group, admins) in &start.kept.admins {
            conversation.name_admins(*group, admins.clone());
        }
        Self {
            handle,
            server: Server { origin: start.origin.to_string(), is_behind_trunk: start.is_behind_trunk },
            client: start.client,
            capacity: start.capacity,
            is_encrypted: start.is_encrypted,
            kept: start.kept,
            conversation,
            contact: Contact::new(now.ms()),
            pending: Pending::default(),
            stale: Vec::new(),
            swarms: Swarms::default(),
            players: Players::default(),
            landing: None,
            making: Making::default(),
            to_share: Vec::new(),
            share_tuning: Tuning::default(),
            serves_downloads: true,
            open_group: None,
            wanted_group: None,
            asking: Asking::default(),
            boards: Boards::default(),
            own_torrents: BTreeSet::new(),
            watched: BTreeSet::new(),
            group_names: BTreeMap::new(),
            elsewhere: Elsewhere::default(),
            notices: Notices::default(),
            timer: Timer::default(),
            watch: Watch::new(Now::wall_ms()),
            urgent: true,
        }
    }

    /// Drains everything; the last thing in every callback.
    pub(super) fn pump(&mut self) {
        let now = Now::read();
        if let Some(slept_ms) = self.watch.look(Now::wall_ms()) {
            self.on_woken(slept_ms, now);
        }
        self.drive_control(now);
        self.drain_swarms(now);
        if self.serve_players(now) {
            self.drain_swarms(now);
        }
        // What the swarms asked of the tracker may be answered at once: there is no connection.
        while self.drive_control(now) {
            self.drain_swarms(now);
        }
        self.report(now);
        self.arm_timer(now);
    }

    /// Tells the person.
    pub(super) fn notice(&mut self, text: String) {
        self.notices.add(text);
        self.urgent = true;
    }

    /// A job of a transfer is done.
    pub(super) fn on_answer(&mut self, transfer: u64, answer: Input) {
        if let Some(transfer) = self.swarms.transfer(transfer) {
            transfer.handle(answer, Now::read());
        }
    }

    /// The browser has a link's keys, or refuses them.
    pub(super) fn on_link_keyed(&mut self, swarm: u64, link: LinkKey, cipher: Result<BrowserCipher, String>) {
        if let Some(transfer) = self.swarms.transfer(swarm) {
            transfer.on_keyed(link, cipher, Now::read());
        }
    }

    /// The browser has opened, or refused, records of a link.
    pub(super) fn on_records_opened(
        &mut self,
        swarm: u64,
        link: LinkKey,
        number: u64,
        records: Result<JsValue, JsValue>,
    ) {
        if let Some(transfer) = self.swarms.transfer(swarm) {
            transfer.on_records_opened(link, number, records, Now::read());
        }
    }

    /// Something happened to a link's socket.
    pub(super) fn on_link_event(&mut self, swarm: u64, link: LinkKey, event: SocketEvent) {
        self.urgent |= matches!(event, SocketEvent::Closed);
        if let Some(transfer) = self.swarms.transfer(swarm) {
            transfer.on_link_event(link, event, Now::read());
        }
    }
}
