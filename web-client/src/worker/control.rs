//! The control conversation in this driver: its socket, and what its events mean for swarms and page.

use membership::{ConversationEvent, DialFailure, JoinGroup, PreviewInvite, answer, why_unseen};
use peer_engine::LinkKey;
use wire_protocol::control::{
    self, Announce, DialRefusal, InvitePreview, LinkGrant, Offers, Progress, Refusal, RefusalCode, Reply, SwarmName,
};
use wire_protocol::ids::{FileId, GroupId, RequestId};
use wire_protocol::{invite, link};

use super::clock::Now;
use super::driver::Driver;
use super::landing::{offer, problem, sentence};
use super::link::Link;
use super::socket::{Socket, SocketEvent};
use super::swarm::{LINKS_MAX, Phase, Swarm};
use crate::messages::{InviteProblem, Landing, LandingState};
use crate::tuning::Tuning;

/// The connection to the tracker.
pub(super) struct Contact {
    socket: Option<Socket>,
    is_open: bool,
    /// Since when there is no connection, milliseconds.
    pub(super) offline_since_ms: Option<u64>,
    /// What was seen last.
    pub(super) reason: Option<String>,
    /// When the next attempt is due, milliseconds.
    pub(super) retry_at_ms: u64,
    pub(super) was_online: bool,
    /// The tracker will not have this person.
    pub(super) refused: Option<String>,
}

impl Contact {
    /// Not connected yet.
    pub(super) fn new(now_ms: u64) -> Self {
        Self {
            socket: None,
            is_open: false,
            offline_since_ms: Some(now_ms),
            reason: None,
            retry_at_ms: now_ms,
            was_online: false,
            refused: None,
        }
    }
}

/// What a request was for.
pub(super) enum Purpose {
    /// The landing page.
    Preview(String),
    /// The landing page, which shows an older answer.
    Refresh(String),
    /// The button on it.
    Join(invite::Invite, Tuning),
}

impl Driver {
    /// Connects, disconnects, sends, and hears the conversation's events.
    pub(super) fn drive_control(&mut self, now: Now) {
        if self.conversation.should_disconnect() {
            self.hang_up(now);
        }
        if self.conversation.should_connect(now.ms()) {
            self.connect(now);
        }
        if self.contact.is_open {
            while let Some(message) = self.conversation.poll_message() {
                if let Some(socket) = &self.contact.socket {
                    socket.send(&message);
                }
            }
        }
        while let Some(event) = self.conversation.poll_event() {
            self.on_conversation_event(event, now);
        }
    }

    fn connect(&mut self, now: Now) {
        let handle = self.handle.clone();
        let happened = move |event| handle.run(|driver| driver.on_control_event(event));
        match self.open_socket((&self.server, "/control"), control::SUBPROTOCOL, happened) {
            Some(socket) => self.contact.socket = Some(socket),
            None => self.hang_up(now),
        }
    }

    fn hang_up(&mut self, now: Now) {
        self.contact.socket = None;
        self.contact.is_open = false;
        self.conversation.handle_disconnected(now.ms());
    }

    fn on_control_event(&mut self, event: SocketEvent) {
        let now = Now::read();
        match event {
            SocketEvent::Opened => {
                self.contact.is_open = true;
                self.conversation.handle_connected(now.ms());
            }
            SocketEvent::Message(message) => self.on_control_message(&message, now),
            SocketEvent::Closed => self.hang_up(now),
        }
    }

    fn on_conversation_event(&mut self, event: ConversationEvent, now: Now) {
        match event {
            ConversationEvent::Online => {
                self.contact.offline_since_ms = None;
                self.contact.reason = None;
                self.contact.was_online = true;
                (self.replan, self.urgent) = (true, true);
            }
            ConversationEvent::Offline { reason, retry_at_ms } => {
                self.contact.offline_since_ms.get_or_insert(now.ms());
                self.contact.reason = Some(reason.to_string());
                self.contact.retry_at_ms = retry_at_ms;
                self.urgent = true;
            }
            ConversationEvent::Refused(refusal) => {
                self.contact.refused = Some(sentence(&refusal));
                self.urgent = true;
            }
            ConversationEvent::Reply { id, outcome } => self.on_reply(id, outcome),
            ConversationEvent::GroupChanged(group) => self.on_group_changed(group, now),
            ConversationEvent::SwarmChanged(swarm) => {
                if let Some(key) = self.swarm_key(swarm) {
                    self.advance(key, now);
                }
            }
            ConversationEvent::CountsChanged(_) => self.urgent = true,
            ConversationEvent::Synced => self.settle_wanted_group(),
            ConversationEvent::DisplayNameChanged => {
                self.kept.set_display_name(self.conversation.display_name());
                self.urgent = true;
            }
            ConversationEvent::AnnounceRefused { swarm, reason } => {
                if let Some(swarm) = self.swarm_key(swarm).and_then(|key| self.swarms.get(&key)) {
                    let name = &swarm.name;
                    self.notice(format!("Others do not see what you have of {name}: {}.", why_unseen(reason)));
                }
            }
            ConversationEvent::Info { swarm, info } => self.on_info(swarm, info, now),
            ConversationEvent::LinkGranted(grant) => self.on_link_granted(grant, now),
            ConversationEvent::DialFailed { dial, why } => self.on_dial_failed(dial, why, now),
            // Browsers share in a later step.
            ConversationEvent::Published { .. } => {}
        }
    }

    // ------------------------------------------------------------ invites

    fn on_reply(&mut self, id: RequestId, outcome: Result<Reply, Refusal>) {
        let Some(purpose) = self.purposes.remove(&id) else {
            return;
        };
        self.urgent = true;
        match purpose {
            Purpose::Preview(invite) => match answer::<PreviewInvite>(outcome) {
                Ok(preview) => self.show(invite, LandingState::Offer(offer(preview))),
                Err(refusal) => self.show(invite, LandingState::Failed(problem(&refusal))),
            },
            Purpose::Refresh(invite) => self.on_refreshed(invite, answer::<PreviewInvite>(outcome)),
            Purpose::Join(invite, tuning) => match answer::<JoinGroup>(outcome) {
                Ok(group) => self.on_joined(&invite, group, tuning),
                Err(refusal) => self.show(invite.to_string(), LandingState::Failed(problem(&refusal))),
            },
        }
    }

    /// Changes the landing page, if it still shows this invite.
    fn show(&mut self, invite: String, state: LandingState) {
        if self.landing.as_ref().is_some_and(|landing| landing.invite == invite) {
            self.landing = Some(Landing { invite, state });
        }
    }

    /// What is shown stays if there is nothing better: the person may have pressed the button meanwhile.
    fn on_refreshed(&mut self, invite: String, outcome: Result<InvitePreview, Refusal>) {
        if !matches!(&self.landing, Some(Landing { state: LandingState::Offer(_), .. })) {
            return;
        }
        match outcome {
            Ok(preview) => self.show(invite, LandingState::Offer(offer(preview))),
            Err(refusal) if matches!(refusal.code, RefusalCode::BadInvite | RefusalCode::UnknownGroup) => {
                self.show(invite, LandingState::Failed(problem(&refusal)));
            }
            Err(_) => {}
        }
    }

    fn on_joined(&mut self, invite: &invite::Invite, group: GroupId, tuning: Tuning) {
        self.kept.add_invite(invite.slug(), &invite.to_string());
        self.landing = None;
        self.open_group = Some(group);
        let files = self.conversation.groups().get(&group).map_or(&[][..], |known| &known.files);
        // The person pressed "Join and download"; with several files they choose.
        if let [only] = files {
            let file = only.file;
            self.download(group, file, tuning);
        }
    }

    /// A group's page was asked for by its address, without an invite.
    pub(super) fn settle_wanted_group(&mut self) {
        let Some(slug) = self.wanted_group.clone() else {
            return;
        };
        let known = self.conversation.groups().iter().find(|(_, group)| group.slug == slug);
        if let Some((group, _)) = known {
            self.open_group = Some(*group);
            self.landing = None;
            self.wanted_group = None;
        } else if self.conversation.is_synced() {
            self.wanted_group = None;
            let why = invite::InviteError::NoSecret.to_string();
            let invite = format!("{}/j/{slug}", self.server);
            self.landing = Some(Landing { invite, state: LandingState::Failed(InviteProblem::Malformed(why)) });
        } else {
            return;
        }
        self.urgent = true;
    }

    // ------------------------------------------------------------ swarms

    /// Fetches a file of a group, if this browser can hold it.
    pub(super) fn download(&mut self, group: GroupId, file: FileId, tuning: Tuning) {
        let is_here = self.swarms.values().any(|swarm| swarm.file == file);
        let card = self.conversation.groups().get(&group).and_then(|known| known.file(file)).cloned();
        let Some(card) = card.filter(|card| !is_here && self.capacity.holds(card.size)) else {
            return;
        };
        let key = self.fresh_key();
        self.swarms.insert(key, Swarm::new(group, &card, tuning));
        self.conversation.watch(SwarmName { group, file });
        self.advance(key, Now::read());
        self.urgent = true;
    }

    /// Takes a swarm as far as the group's state allows.
    fn advance(&mut self, key: u64, now: Now) {
        let Some(swarm) = self.swarms.get_mut(&key) else {
            return;
        };
        let Some(group) = self.conversation.groups().get(&swarm.group) else {
            return;
        };
        swarm.see(group);
        let has_torrent = group.file(swarm.file).is_some_and(|card| card.torrent.is_some());
        if has_torrent && matches!(swarm.phase, Phase::AwaitingTorrent) {
            swarm.phase = Phase::AwaitingInfo;
            self.conversation.fetch_info(swarm.id());
            self.urgent = true;
        }
        // A new face: whoever waits has not waited for this one yet.
        if let Some(transfer) = swarm.transfer_mut()
            && transfer.engine.stats().peers == 0
        {
            transfer.restart_quiet(now);
        }
        self.replan = true;
    }

    fn on_info(&mut self, id: SwarmName, info: Result<bytes::Bytes, Refusal>, now: Now) {
        let waits = |swarm: &Swarm| swarm.id() == id && matches!(swarm.phase, Phase::AwaitingInfo);
        let Some((&key, swarm)) = self.swarms.iter_mut().find(|(_, swarm)| waits(swarm)) else {
            return;
        };
        let card = self.conversation.groups().get(&swarm.group).and_then(|group| group.file(id.file)).cloned();
        match (info, card) {
            (Ok(info), Some(card)) => swarm.begin(key, &card, info, &self.client, now),
            (Err(refusal), _) => swarm.phase = Phase::Failed(sentence(&refusal)),
            (Ok(_), None) => {}
        }
        (self.replan, self.urgent) = (true, true);
        self.announce(key);
    }

    /// Tells the group how far this tab is.
    pub(super) fn announce(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get(&key) else {
            return;
        };
        let Some(transfer) = swarm.transfer() else {
            return;
        };
        let stats = transfer.engine.stats();
        self.conversation.announce(Announce {
            swarm: swarm.id(),
            peer: transfer.local,
            progress: Progress::Pieces { have: stats.pieces_have, total: stats.pieces },
            listen: None,
            offers: Offers::default(),
        });
    }

    fn on_group_changed(&mut self, group: GroupId, now: Now) {
        self.urgent = true;
        let known = self.conversation.groups().get(&group);
        let is_gone = |swarm: &Swarm| known.is_none_or(|known| known.file(swarm.file).is_none());
        let here = self.swarms.iter().filter(|(_, swarm)| swarm.group == group);
        let (gone, kept): (Vec<_>, Vec<_>) =
            here.map(|(key, swarm)| (*key, is_gone(swarm))).partition(|(_, gone)| *gone);
        for (key, _) in gone {
            if let Some(swarm) = self.swarms.remove(&key) {
                self.leave(swarm.id());
                self.notice(format!("{} was removed from the group. What you already saved is yours.", swarm.name));
            }
        }
        for (key, _) in kept {
            self.advance(key, now);
        }
        if self.open_group == Some(group) && !self.conversation.groups().contains_key(&group) {
            self.open_group = None;
        }
        self.settle_wanted_group();
    }

    fn swarm_key(&self, id: SwarmName) -> Option<u64> {
        self.swarms.iter().find(|(_, swarm)| swarm.id() == id).map(|(key, _)| *key)
    }

    // ------------------------------------------------------------ links

    fn on_link_granted(&mut self, grant: LinkGrant, now: Now) {
        if let Some(dial) = grant.dial {
            self.dials.remove(&dial);
        }
        let links: usize = self.swarms.values().map(|swarm| swarm.links.len()).sum();
        let Some(key) = self.swarm_key(grant.swarm).filter(|key| self.swarms[key].transfer().is_some()) else {
            return;
        };
        let (peer, is_dialed) = (grant.peer.name, grant.dial.is_some());
        let group = self.conversation.groups().get(&grant.swarm.group);
        let name = group.map_or_else(String::new, |group| group.name_of(peer.member).to_owned());
        let socket = (links < LINKS_MAX).then(|| self.open_link(key, grant.relay.as_deref())).flatten();
        let Some(swarm) = self.swarms.get_mut(&key) else {
            return;
        };
        match socket {
            Some((link, socket)) => {
                swarm.links.insert(link, Link::new(grant, name, socket, now.ms()));
            }
            None if is_dialed => swarm.planner.on_failed(peer, now.ms()),
            None => {}
        }
    }

    fn open_link(&mut self, swarm: u64, relay: Option<&str>) -> Option<(LinkKey, Socket)> {
        let key = LinkKey(self.fresh_key());
        let handle = self.handle.clone();
        let happened = move |event| handle.run(|driver| driver.on_link_event(swarm, key, event));
        Some((key, self.open_socket((relay.unwrap_or(&self.server), "/link"), link::SUBPROTOCOL, happened)?))
    }

    fn on_dial_failed(&mut self, dial: u32, why: DialFailure, now: Now) {
        let Some((key, peer)) = self.dials.remove(&dial) else {
            return;
        };
        if let Some(swarm) = self.swarms.get_mut(&key) {
            swarm.planner.on_failed(peer, now.ms());
            swarm.last_failure = match why {
                DialFailure::Refused(DialRefusal::AlreadyLinked | DialRefusal::NotAnnounced) => {
                    swarm.last_failure.take()
                }
                why => Some(why.to_string()),
            };
        }
        self.replan = true;
    }
}
