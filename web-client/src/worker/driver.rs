//! The driver: owns the conversation, the swarms and the one timer, and drains them after every input.

use std::collections::BTreeMap;

use gloo::timers::callback::Timeout;
use js_sys::Uint8Array;
use membership::{Conversation, ConversationConfig, Identity};
use peer_engine::{CloseReason, Event, Input, LinkKey};
use wasm_bindgen_futures::spawn_local;
use wire_protocol::control::{Origin, PeerName};
use wire_protocol::ids::{GroupId, MemberKey, PeerId, RequestId};

use super::Handle;
use super::clock::Now;
use super::control::{Contact, Purpose};
use super::crypto::random_u64;
use super::scope::log;
use super::socket::{Socket, SocketEvent};
use super::swarm::{CONNECTING_MAX, Phase, Swarm};
use super::transfer::Given;
use super::vault::Kept;
use crate::address::DOWNLOAD_COMMAND;
use crate::capacity::Capacity;
use crate::messages::Landing;

/// Notices that are kept.
const NOTICES_MAX: usize = 8;

/// What the page tells at the start, and what was kept.
pub(super) struct Start {
    pub(super) origin: Origin,
    pub(super) client: String,
    pub(super) capacity: Capacity,
    pub(super) is_behind_trunk: bool,
    pub(super) kept: Kept,
}

/// The peer.
pub(super) struct Driver {
    pub(super) handle: Handle,
    pub(super) server: String,
    pub(super) client: String,
    pub(super) capacity: Capacity,
    is_behind_trunk: bool,
    pub(super) kept: Kept,
    pub(super) conversation: Conversation,
    pub(super) contact: Contact,
    pub(super) purposes: BTreeMap<RequestId, Purpose>,
    pub(super) dials: BTreeMap<u32, (u64, PeerName)>,
    pub(super) landing: Option<Landing>,
    pub(super) open_group: Option<GroupId>,
    /// The slug of a group that was asked for before the tracker had told which there are.
    pub(super) wanted_group: Option<String>,
    /// By a number that is never used twice.
    pub(super) swarms: BTreeMap<u64, Swarm>,
    pub(super) notices: Vec<String>,
    next_key: u64,
    /// A list of peers, a link or a completeness changed.
    pub(super) replan: bool,
    /// The page must know at once.
    pub(super) urgent: bool,
    pub(super) reported_at_ms: u64,
    pub(super) timer: Option<(u64, Timeout)>,
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
        };
        Self {
            handle,
            server: start.origin.to_string(),
            client: start.client,
            capacity: start.capacity,
            is_behind_trunk: start.is_behind_trunk,
            kept: start.kept,
            conversation: Conversation::new(config, now.ms()),
            contact: Contact::new(now.ms()),
            purposes: BTreeMap::new(),
            dials: BTreeMap::new(),
            landing: None,
            open_group: None,
            wanted_group: None,
            swarms: BTreeMap::new(),
            notices: Vec::new(),
            next_key: 0,
            replan: false,
            urgent: true,
            reported_at_ms: 0,
            timer: None,
        }
    }

    /// A number that was never used.
    pub(super) fn fresh_key(&mut self) -> u64 {
        self.next_key += 1;
        self.next_key
    }

    /// Drains everything; the last thing in every callback.
    pub(super) fn pump(&mut self) {
        let now = Now::read();
        self.drive_control(now);
        self.drain_swarms(now);
        if self.replan {
            self.plan_links(now);
        }
        self.drive_control(now);
        self.report(now);
        self.arm_timer(now);
    }

    /// Opens a WebSocket: `http(s)://HOST` and a path. `None`: the browser refuses the address.
    pub(super) fn open_socket(
        &self,
        (server, path): (&str, &str),
        subprotocol: &str,
        happened: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Option<Socket> {
        // `http` becomes `ws`, `https` becomes `wss`.
        let url = format!("{}{path}", server.replacen("http", "ws", 1));
        // Trunk's proxy never answers with a subprotocol; the one it asks for is in Trunk.toml.
        Socket::open(&url, Some(subprotocol).filter(|_| !self.is_behind_trunk), happened)
    }

    /// Tells the person.
    pub(super) fn notice(&mut self, text: String) {
        log(&text);
        self.notices.push(text);
        if self.notices.len() > NOTICES_MAX {
            self.notices.remove(0);
        }
        self.urgent = true;
    }

    // ------------------------------------------------------------ swarms

    /// Something the engine asked for is done.
    pub(super) fn on_answer(&mut self, transfer: u64, answer: Input) {
        if let Some(transfer) = self.swarms.get_mut(&transfer).and_then(Swarm::transfer_mut) {
            transfer.on_answer(answer, Now::read());
        }
    }

    /// Something happened to a link's socket.
    pub(super) fn on_link_event(&mut self, swarm: u64, key: LinkKey, event: SocketEvent) {
        let now = Now::read();
        let Some(swarm) = self.swarms.get_mut(&swarm) else {
            return;
        };
        let Some(link) = swarm.links.get_mut(&key) else {
            return;
        };
        match event {
            SocketEvent::Opened => link.on_opened(),
            SocketEvent::Message(message) if link.is_open() => {
                if let Some(transfer) = swarm.transfer_mut() {
                    transfer.on_message(key, &message, now);
                }
            }
            SocketEvent::Message(message) => {
                if link.on_pairing(&message) {
                    swarm.on_paired(key, now);
                } else {
                    swarm.on_link_closed(key, "the relay said something that makes no sense", now);
                }
                (self.replan, self.urgent) = (true, true);
            }
            SocketEvent::Closed => {
                swarm.on_link_closed(key, "the relay closed the link before the other side came", now);
                (self.replan, self.urgent) = (true, true);
            }
        }
    }

    fn drain_swarms(&mut self, now: Now) {
        let keys: Vec<u64> = self.swarms.keys().copied().collect();
        for key in keys {
            let Some(swarm) = self.swarms.get_mut(&key) else {
                continue;
            };
            let Phase::Running(transfer) = &mut swarm.phase else {
                continue;
            };
            let events = transfer.drain(&mut swarm.links, &self.handle, now);
            self.on_engine_events(key, events, now);
        }
    }

    fn on_peer_gone(&mut self, swarm: u64, key: LinkKey, given: Given, why: Option<&CloseReason>, now: Now) {
        let Some(swarm) = self.swarms.get_mut(&swarm) else {
            return;
        };
        if let (Some(why), Some(link)) = (why, swarm.links.get(&key)) {
            log(&format!("closed the link to {}, which {why}", link.name));
        }
        swarm.on_peer_gone(key, given, why, now);
        (self.replan, self.urgent) = (true, true);
    }

    fn on_engine_events(&mut self, key: u64, events: Vec<Event>, now: Now) {
        let mut has_more_pieces = false;
        for event in events {
            match event {
                Event::PieceVerified { .. } => has_more_pieces = true,
                Event::PeerReady { .. } => self.urgent = true,
                Event::PeerGone { link, downloaded, uploaded, why, .. } => {
                    self.on_peer_gone(key, link, Given { downloaded, uploaded }, why.as_ref(), now);
                }
                Event::PieceFailed { piece, .. } => log(&format!("piece {piece} came damaged; it is fetched again")),
                Event::PeerBanned { peer, identity, piece, .. } => {
                    let Some(swarm) = self.swarms.get_mut(&key) else {
                        continue;
                    };
                    if let Some(identity) = identity {
                        swarm.planner.ban_member(MemberKey(identity.0));
                    }
                    let name = self.name_of(key, peer);
                    self.notice(format!(
                        "Stopped using {name}: it sent damaged data (piece {piece}). The data is fetched again from others."
                    ));
                }
                Event::Completed => self.on_completed(key),
                Event::StorageFailed(error) => {
                    self.give_up(key, &error.detail);
                }
                other => log(&format!("the engine tells something unknown: {other:?}")),
            }
        }
        if has_more_pieces {
            self.announce(key);
        }
    }

    fn on_completed(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get_mut(&key) else {
            return;
        };
        let Some(transfer) = swarm.transfer_mut() else {
            return;
        };
        let (finished, handle) = (transfer.store.finish(), self.handle.clone());
        spawn_local(async move {
            let outcome = finished.await;
            handle.run(|driver| driver.on_finished(key, outcome));
        });
        (self.replan, self.urgent) = (true, true);
    }

    /// The whole file was read back, or could not be.
    fn on_finished(&mut self, key: u64, outcome: Result<(), String>) {
        let Some(transfer) = self.swarms.get_mut(&key).and_then(Swarm::transfer_mut) else {
            return;
        };
        if let Err(error) = outcome.and_then(|()| transfer.store.publish()) {
            self.give_up(key, &error);
        }
        self.urgent = true;
    }

    /// The browser failed to keep or hash a piece: fetching more would only lose more.
    fn give_up(&mut self, key: u64, error: &str) {
        let Some(swarm) = self.swarms.get_mut(&key) else {
            return;
        };
        let name = &swarm.name;
        let reason = format!(
            "{name} cannot go on here: {error}. Free some space, or run {DOWNLOAD_COMMAND} in a terminal and paste the invite."
        );
        log(&reason);
        swarm.phase = Phase::Failed(reason);
        swarm.links.clear();
        let swarm = swarm.id();
        self.leave(swarm);
        self.urgent = true;
    }

    fn name_of(&self, key: u64, peer: PeerId) -> String {
        let swarm = self.swarms.get(&key);
        let linked = swarm.and_then(|swarm| swarm.links.values().find(|link| link.peer.name.peer == peer));
        let listed = || {
            let swarm = swarm?;
            let group = self.conversation.groups().get(&swarm.group)?;
            let listed = group.swarm(swarm.file).iter().find(|listed| listed.name.peer == peer)?;
            Some(group.name_of(listed.name.member))
        };
        linked.map(|link| link.name.as_str()).or_else(listed).unwrap_or("a peer").to_owned()
    }

    /// Dials whom the planners choose, while the tracker can hear it.
    fn plan_links(&mut self, now: Now) {
        if !self.can_dial() {
            return;
        }
        self.replan = false;
        let mut dials = Vec::new();
        for (key, swarm) in &mut self.swarms {
            let Phase::Running(transfer) = &swarm.phase else {
                continue;
            };
            let peers = self.conversation.groups().get(&swarm.group).map_or(&[][..], |group| group.swarm(swarm.file));
            let local = PeerName { member: self.conversation.member(), peer: transfer.local };
            let chosen = swarm.planner.plan(local, transfer.engine.is_complete(), peers, now.ms());
            dials.extend(chosen.into_iter().map(|peer| (*key, swarm.id(), peer)));
        }
        for (key, swarm, peer) in dials {
            let dial = self.conversation.dial(swarm, peer);
            self.dials.insert(dial, (key, peer));
        }
    }

    /// The tracker hears it, and the tab has not enough connecting already. When that changes, an event follows.
    pub(super) fn can_dial(&self) -> bool {
        let connecting = self.swarms.values().map(Swarm::count_connecting).sum::<usize>() + self.dials.len();
        self.conversation.is_online() && connecting < CONNECTING_MAX
    }

    /// A message of the control socket, copied out of the browser's memory.
    pub(super) fn on_control_message(&mut self, message: &Uint8Array, now: Now) {
        self.conversation.handle_message(&message.to_vec(), now.ms());
    }
}
