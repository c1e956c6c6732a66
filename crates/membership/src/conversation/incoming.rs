//! What the tracker says.

use wire_protocol::control::{
    DialRefusal, GroupEvent, GroupSnapshot, Hello, LinkGrant, Login, MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker,
    Refusal, RefusalCode, Reply, Request, TrackerToMember, decode_from_tracker, encode_from_member,
};
use wire_protocol::ids::{FileId, GroupId, PeerId, RequestId};
use wire_protocol::link::TOKEN_LEN_MAX;
use wire_protocol::text::display_text;

use super::commands::refusal;
use super::outgoing::Outgoing;
use super::{CONNECT_TIMEOUT_MS, Conversation, Phase, RESTART_MAX_MS};
use crate::event::{ConversationEvent, OfflineReason};
use crate::fetching::Fetched;
use crate::groups::{Applied, shown, shown_preview};
use crate::presence::SwarmKey;
use crate::requests::{Pending, Purpose};

/// A refusal's sentence in characters.
const SENTENCE_CHARS_MAX: usize = 400;

impl Conversation {
    /// A binary message came.
    pub fn handle_message(&mut self, bytes: &[u8], now_ms: u64) {
        self.set_now(now_ms);
        if self.closing.is_some() {
            return;
        }
        self.heartbeat.heard(self.now_ms);
        match decode_from_tracker(bytes) {
            Ok(message) => self.handle(message),
            Err(error) => self.close(OfflineReason::Protocol(error.to_string())),
        }
    }

    fn handle(&mut self, message: TrackerToMember) {
        match (self.phase, message) {
            (Phase::Greeting { .. }, TrackerToMember::Hello(hello)) => self.handle_hello(&hello),
            (Phase::LoggingIn { .. }, TrackerToMember::Welcome { .. }) => self.handle_welcome(),
            (Phase::Ended | Phase::Waiting { .. } | Phase::Connecting { .. }, _) => {}
            (_, TrackerToMember::Goodbye(refusal)) => self.handle_goodbye(refusal),
            (_, TrackerToMember::Restarting { after_ms }) => {
                self.restart_after_ms = Some(u64::from(after_ms).min(RESTART_MAX_MS));
            }
            (Phase::Online { .. }, message) => {
                self.last_online_ms = Some(self.now_ms);
                self.handle_online(message);
            }
            _ => self.close(OfflineReason::Protocol("a message before login".to_owned())),
        }
    }

    fn handle_online(&mut self, message: TrackerToMember) {
        match message {
            TrackerToMember::Reply { id, outcome } => self.handle_reply(id, outcome),
            TrackerToMember::Snapshot(snapshot) => self.handle_snapshot(snapshot),
            TrackerToMember::Event(event) => self.handle_group_event(event),
            TrackerToMember::SwarmPeers { group, file, all, mut peers } => {
                // This peer on its last connection, which the tracker may not have missed yet.
                peers.retain(|peer| !self.presences.is_own((group, file), peer.peer));
                if self.groups.put_peers(group, file, all, peers) {
                    self.events.push(ConversationEvent::SwarmChanged { group, file });
                }
            }
            TrackerToMember::SwarmLeft { group, file, peer } => self.handle_swarm_left(group, file, peer),
            TrackerToMember::LinkGrant(grant) => self.handle_grant(grant),
            TrackerToMember::DialRefused { dial, reason } => self.handle_dial_refused(dial, reason),
            TrackerToMember::Pong => {}
            TrackerToMember::GroupGone { group } => self.handle_group_gone(group),
            TrackerToMember::Hello(_)
            | TrackerToMember::Welcome { .. }
            | TrackerToMember::Goodbye(_)
            | TrackerToMember::Restarting { .. } => {
                self.close(OfflineReason::Protocol("a second greeting".to_owned()));
            }
        }
    }

    fn handle_hello(&mut self, hello: &Hello) {
        let (identity, host) = (&self.config.identity, &self.config.dialled_host);
        let mut login = Login {
            member: identity.key(),
            signature: identity.sign_login(hello, host),
            dialled_host: host.clone(),
            display_name: self.config.display_name.clone(),
            client: self.config.client.clone(),
            resume: self.groups.resume_points(),
        };
        // Groups without a resume point get a snapshot: costly, not wrong.
        while login_len(&login) > MESSAGE_LEN_MAX_BEFORE_LOGIN && login.resume.pop().is_some() {}
        self.outbox.push_back(Outgoing::Login(Box::new(login)));
        self.phase = Phase::LoggingIn { deadline_ms: self.now_ms + CONNECT_TIMEOUT_MS };
    }

    fn handle_welcome(&mut self) {
        self.phase = Phase::Online { since_ms: self.now_ms };
        self.last_online_ms = Some(self.now_ms);
        self.events.push(ConversationEvent::Online);
        for (group, file) in self.groups.forget_peers() {
            self.events.push(ConversationEvent::SwarmChanged { group, file });
        }
        self.queue_everything();
    }

    fn handle_goodbye(&mut self, refused: Refusal) {
        let refused = shown_refusal(refused);
        match refused.code {
            RefusalCode::BadLogin | RefusalCode::NotAllowed | RefusalCode::UnknownVersion => self.end(refused),
            _ => self.close(OfflineReason::Refused(refused)),
        }
    }

    fn handle_snapshot(&mut self, snapshot: GroupSnapshot) {
        let group = snapshot.group;
        if self.groups.replace(snapshot) {
            self.events.push(ConversationEvent::GroupChanged(group));
        }
    }

    fn handle_group_event(&mut self, event: GroupEvent) {
        let group = event.group;
        match self.groups.apply(event, self.config.identity.key()) {
            Applied::Changed => self.events.push(ConversationEvent::GroupChanged(group)),
            Applied::Left => self.handle_left(group),
            Applied::Ignored => {}
            Applied::Gap => self.close(OfflineReason::Protocol("an event is missing".to_owned())),
        }
    }

    fn handle_group_gone(&mut self, group: GroupId) {
        if self.groups.forget(group) {
            self.handle_left(group);
        }
    }

    fn handle_left(&mut self, group: GroupId) {
        self.presences.remove_group(group);
        self.events.push(ConversationEvent::GroupChanged(group));
    }

    fn handle_swarm_left(&mut self, group: GroupId, file: FileId, peer: PeerId) {
        if self.groups.remove_peer(group, file, peer) {
            self.events.push(ConversationEvent::SwarmLeft { group, file, peer });
        }
    }

    fn handle_grant(&mut self, mut grant: LinkGrant) {
        // An answer to a dial of an earlier connection, or one that was given up, is not used.
        let is_expected = grant.dial.is_none_or(|dial| self.dials.take(dial).is_some());
        if is_expected && !grant.token.is_empty() && grant.token.len() <= TOKEN_LEN_MAX {
            grant.peer = shown(grant.peer);
            self.events.push(ConversationEvent::LinkGranted(grant));
        } else if let Some(dial) = grant.dial.filter(|_| is_expected) {
            self.events.push(ConversationEvent::DialRefused { dial, reason: DialRefusal::TooMany });
        }
    }

    fn handle_dial_refused(&mut self, dial: u32, reason: DialRefusal) {
        let Some(asked) = self.dials.take(dial) else {
            return;
        };
        if reason == DialRefusal::NotAnnounced {
            self.presences.mark_lost((asked.group, asked.file));
        }
        self.events.push(ConversationEvent::DialRefused { dial, reason });
    }

    fn handle_reply(&mut self, id: RequestId, outcome: Result<Reply, Refusal>) {
        // A reply to nothing: the answer to a request that was answered on an earlier connection.
        let Some(pending) = self.requests.take(id) else {
            return;
        };
        let outcome = outcome.map_err(shown_refusal);
        match pending.purpose {
            Purpose::Program => self.handle_program_reply(&pending, outcome),
            Purpose::Publish(file) => {
                self.publishing.finish(file);
                self.events.push(ConversationEvent::Published { file, outcome: outcome.map(|_| ()) });
                self.queue_publication();
            }
            Purpose::Fetch { group, file, offset } => self.handle_info_part((group, file), offset, outcome),
        }
    }

    fn handle_program_reply(&mut self, pending: &Pending, outcome: Result<Reply, Refusal>) {
        match (&pending.request, &outcome) {
            (Request::CreateGroup { group, .. }, Ok(Reply::GroupCreated { slug }))
                if self.groups.set_slug(*group, slug) =>
            {
                self.events.push(ConversationEvent::GroupChanged(*group));
            }
            (Request::LeaveGroup { group }, Ok(_)) => self.handle_group_gone(*group),
            _ => {}
        }
        let outcome = outcome.map(|reply| match reply {
            Reply::Preview(preview) => Reply::Preview(shown_preview(preview)),
            reply => reply,
        });
        self.events.push(ConversationEvent::Reply { id: pending.id, outcome });
    }

    fn handle_info_part(&mut self, key: SwarmKey, asked: u32, outcome: Result<Reply, Refusal>) {
        let fetched = match outcome {
            Ok(Reply::InfoPart { info_len, offset, bytes }) if offset == asked => {
                self.fetches.handle_part(key, offset, info_len, bytes)
            }
            Ok(_) if self.fetches.cancel(key) => Fetched::Nonsense,
            Err(refused) if self.fetches.cancel(key) => return self.end_fetch(key, Err(refused)),
            _ => Fetched::Ignored,
        };
        match fetched {
            Fetched::Ask(offsets) => self.ask_for_info(key, offsets),
            Fetched::Done(info) => self.end_fetch(key, Ok(info)),
            Fetched::Nonsense => {
                let sentence = "the server contradicts itself about this file; try again later";
                self.end_fetch(key, Err(refusal(RefusalCode::ServerError, sentence)));
            }
            Fetched::Ignored => {}
        }
    }

    fn end_fetch(&mut self, (group, file): SwarmKey, info: Result<bytes::Bytes, Refusal>) {
        self.requests.drop_fetch((group, file));
        self.events.push(ConversationEvent::Info { group, file, info });
    }
}

fn shown_refusal(refused: Refusal) -> Refusal {
    Refusal { message: display_text(&refused.message, SENTENCE_CHARS_MAX), ..refused }
}

fn login_len(login: &Login) -> usize {
    encode_from_member(&MemberToTracker::Login(login.clone())).len()
}
