//! What the tracker says.

use wire_protocol::control::{
    AnnounceRefused, DialRefusal, GoneReason, GroupChange, GroupEvent, GroupSnapshot, Hello, LinkGrant, Login,
    MESSAGE_LEN_MAX_BEFORE_LOGIN, MemberToTracker, Origin, Refusal, RefusalCode, Reply, Request, SwarmName, SwarmPeers,
    TrackerToMember, Welcome, decode_from_tracker, encode_from_member,
};
use wire_protocol::ids::{GroupId, RequestId};
use wire_protocol::link::TOKEN_LEN_MAX;

use super::commands::refusal;
use super::outgoing::Outgoing;
use super::own::shown_outcome;
use super::{CONNECT_TIMEOUT_MS, Conversation, Phase, RESTART_MAX_MS};
use crate::event::{ConversationEvent, DialFailure, OfflineReason};
use crate::fetching::Fetched;
use crate::group::{SealedKey, shown};
use crate::groups::Applied;
use crate::requests::{Pending, Purpose};
use wire_protocol::text::display_text;

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
            (Phase::LoggingIn { .. }, TrackerToMember::Welcome(welcome)) => self.handle_welcome(&welcome),
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
            TrackerToMember::Synced => self.handle_synced(),
            TrackerToMember::SwarmPeers(news) => self.handle_swarm_peers(news),
            TrackerToMember::SwarmCounts(news) => {
                let group = news.group;
                if self.groups.put_counts(news) {
                    self.events.push(ConversationEvent::CountsChanged(group));
                }
            }
            TrackerToMember::AnnounceRefused(AnnounceRefused { swarm, reason }) => {
                if self.presences.refuse(swarm, reason) {
                    self.events.push(ConversationEvent::AnnounceRefused { swarm, reason });
                }
            }
            TrackerToMember::LinkGrant(grant) => self.handle_grant(grant),
            TrackerToMember::DialRefused { dial, reason } => self.handle_dial_refused(dial, reason),
            TrackerToMember::Pong => {}
            TrackerToMember::GroupGone { group, why } => self.handle_group_gone(group, why),
            TrackerToMember::Ticket { group, ticket } => self.handle_ticket(group, ticket),
            TrackerToMember::Key { group, epoch, from, sealed } => {
                self.handle_key(group, SealedKey { epoch, from, sealed });
            }
            TrackerToMember::KeysWanted { group, epoch, members } => self.handle_keys_wanted(group, epoch, members),
            TrackerToMember::SwarmAddresses { swarm, addresses } => {
                let is_wanted = addresses.is_empty() || self.presences.contains(swarm);
                if is_wanted && self.groups.put_addresses(swarm, addresses) {
                    self.events.push(ConversationEvent::SwarmChanged(swarm));
                }
            }
            TrackerToMember::JoinRefused { group, slug } => self.handle_join_refused(group, &slug),
            TrackerToMember::Hello(_)
            | TrackerToMember::Welcome(_)
            | TrackerToMember::Goodbye(_)
            | TrackerToMember::Restarting { .. } => {
                self.close(OfflineReason::Protocol("a second greeting".to_owned()));
            }
        }
    }

    fn handle_hello(&mut self, hello: &Hello) {
        self.note_tracker(hello);
        let mut login = Login {
            member: self.member.key(),
            signature: self.member.sign_login(hello),
            origin: self.member.origin().to_string(),
            display_name: self.name.shown().to_owned(),
            client: self.client.clone(),
            resume: self.groups.resume_points(),
        };
        // Groups without a resume point get a snapshot: costly, not wrong.
        while login_len(&login) > MESSAGE_LEN_MAX_BEFORE_LOGIN && login.resume.pop().is_some() {}
        self.groups.on_login(&login.resume);
        self.outbox.push_back(Outgoing::Login(Box::new(login)));
        self.phase = Phase::LoggingIn { deadline_ms: self.now_ms + CONNECT_TIMEOUT_MS };
    }

    fn handle_welcome(&mut self, welcome: &Welcome) {
        self.phase = Phase::Online { since_ms: self.now_ms };
        self.last_online_ms = Some(self.now_ms);
        self.events.push(ConversationEvent::Online);
        self.hear_own_name(&welcome.display_name);
        self.groups.on_welcome(welcome.history);
        for swarm in self.groups.forget_presence() {
            self.events.push(ConversationEvent::SwarmChanged(swarm));
        }
        self.queue_everything();
    }

    fn hear_own_name(&mut self, name: &str) {
        if self.name.on_told(name) {
            self.events.push(ConversationEvent::DisplayNameChanged);
        }
    }

    fn handle_synced(&mut self) {
        for (group, why) in self.groups.on_synced() {
            self.handle_gone(group, why);
        }
        self.events.push(ConversationEvent::Synced);
    }

    fn handle_goodbye(&mut self, refused: Refusal) {
        let refused = shown_refusal(refused);
        match refused.code {
            RefusalCode::NotAllowed | RefusalCode::UnknownVersion => self.end(refused),
            RefusalCode::BadLogin => {
                // Whoever runs the server has perhaps mistyped its address, and mends that; until then it stays no.
                self.backoff.slow_down();
                self.close(OfflineReason::Refused(refused));
            }
            _ => self.close(OfflineReason::Refused(refused)),
        }
    }

    fn handle_snapshot(&mut self, snapshot: GroupSnapshot) {
        let group = snapshot.group;
        if self.groups.replace(snapshot) {
            self.events.push(ConversationEvent::GroupChanged(group));
            self.note_joined(group);
        }
    }

    fn handle_group_event(&mut self, event: GroupEvent) {
        let (group, me) = (event.group, self.member.key());
        // While catching up events are older than the welcome.
        if let GroupChange::Member(member) = &event.change
            && member.key == me
            && self.groups.is_synced()
        {
            self.hear_own_name(&member.display_name);
        }
        let hint = match &event.change {
            GroupChange::InvitesChanged => Some(ConversationEvent::InvitesChanged(group)),
            GroupChange::RequestsChanged => Some(ConversationEvent::RequestsChanged(group)),
            _ => None,
        };
        match self.groups.apply(event, me) {
            Applied::Changed => self.events.push(hint.unwrap_or(ConversationEvent::GroupChanged(group))),
            Applied::Gone(why) => self.handle_gone(group, why),
            Applied::Ignored => {}
            Applied::Gap => self.close(OfflineReason::Protocol("an event is missing".to_owned())),
        }
    }

    fn handle_group_gone(&mut self, group: GroupId, why: GoneReason) {
        if self.groups.forget(group) {
            self.handle_gone(group, why);
        }
    }

    fn handle_gone(&mut self, group: GroupId, why: GoneReason) {
        self.presences.remove_group(group);
        self.watches.remove_group(group);
        self.keyring.forget(group);
        self.events.push(ConversationEvent::GroupChanged(group));
        self.events.push(ConversationEvent::GroupGone { group, why });
    }

    fn handle_swarm_peers(&mut self, mut news: SwarmPeers) {
        let (swarm, me) = (news.swarm, self.member.key());
        // What is on its way when watching ends would never be changed or forgotten.
        if !self.watches.contains(swarm) && !self.presences.contains(swarm) {
            return;
        }
        // This peer on its last connection, which the tracker may not have missed yet.
        news.peers.retain(|peer| peer.name.member != me || !self.presences.is_own(swarm, peer.name.peer));
        if self.groups.put_peers(news) {
            self.events.push(ConversationEvent::SwarmChanged(swarm));
        }
    }

    fn handle_grant(&mut self, mut grant: LinkGrant) {
        // An answer to a dial of an earlier connection, or one that was given up, is not used.
        let is_expected = grant.dial.is_none_or(|dial| self.dials.take(dial).is_some());
        let is_usable = !grant.token.is_empty()
            && grant.token.len() <= TOKEN_LEN_MAX
            && grant.relay.as_ref().is_none_or(|relay| relay.parse::<Origin>().is_ok());
        match grant.dial {
            _ if is_expected && is_usable => {
                grant.peer = shown(grant.peer);
                self.events.push(ConversationEvent::LinkGranted(grant));
            }
            Some(dial) if is_expected => {
                self.events.push(ConversationEvent::DialFailed { dial, why: DialFailure::BadGrant });
            }
            _ => {}
        }
    }

    fn handle_dial_refused(&mut self, dial: u32, reason: DialRefusal) {
        let Some(asked) = self.dials.take(dial) else {
            return;
        };
        if reason == DialRefusal::NotAnnounced {
            self.presences.mark_lost(asked.swarm);
        }
        self.events.push(ConversationEvent::DialFailed { dial, why: DialFailure::Refused(reason) });
    }

    fn handle_reply(&mut self, id: RequestId, outcome: Result<Reply, Refusal>) {
        // A reply to nothing: the answer to a request that was answered on an earlier connection.
        let Some(pending) = self.requests.take(id) else {
            return;
        };
        let outcome = outcome.map_err(shown_refusal);
        match pending.purpose {
            // What else it asked for shows in what is told next.
            Purpose::Itself => {
                if let (Request::KeepKey { group, .. }, Ok(_)) = (&pending.request, &outcome) {
                    self.settle_admins(*group);
                }
            }
            Purpose::Program => self.handle_program_reply(&pending, outcome),
            Purpose::Publish(swarm) => {
                self.publishing.finish(swarm);
                self.events.push(ConversationEvent::Published { swarm, outcome: outcome.map(|_| ()) });
                self.queue_publication();
            }
            Purpose::Fetch { swarm, offset } => self.handle_info_part(swarm, offset, outcome),
        }
    }

    fn handle_program_reply(&mut self, pending: &Pending, outcome: Result<Reply, Refusal>) {
        match (&pending.request, &outcome) {
            (Request::CreateGroup { group, .. }, Ok(Reply::GroupCreated { slug }))
                if self.groups.set_slug(*group, slug) =>
            {
                self.events.push(ConversationEvent::GroupChanged(*group));
            }
            (Request::LeaveGroup { group }, Ok(_)) => {
                self.forget_admins(*group);
                self.handle_group_gone(*group, GoneReason::Left);
            }
            (Request::CloseGroup { group }, Ok(_)) => self.handle_group_gone(*group, GoneReason::Closed),
            (Request::WithdrawRequest { group }, Ok(_)) => {
                self.asked.remove(group);
                self.forget_admins(*group);
            }
            (Request::SetDisplayName { name }, outcome) if self.name.on_answered(pending.id, name, outcome.is_ok()) => {
                self.events.push(ConversationEvent::DisplayNameChanged);
            }
            (request, Ok(reply)) => {
                self.note_asked(request, reply);
                self.take_invite_key(reply);
            }
            _ => {}
        }
        self.events.push(ConversationEvent::Reply { id: pending.id, outcome: shown_outcome(outcome) });
    }

    fn handle_info_part(&mut self, swarm: SwarmName, asked: u32, outcome: Result<Reply, Refusal>) {
        let fetched = match outcome {
            Ok(Reply::InfoPart(part)) if part.offset == asked => self.fetches.handle_part(swarm, part),
            Ok(_) if self.fetches.cancel(swarm) => Fetched::Nonsense,
            Err(refused) if self.fetches.cancel(swarm) => return self.end_fetch(swarm, Err(refused)),
            _ => Fetched::Ignored,
        };
        match fetched {
            Fetched::Ask(offsets) => self.ask_for_info(swarm, offsets),
            Fetched::Done(info) => self.end_fetch(swarm, Ok(info)),
            Fetched::Nonsense => {
                let sentence = "the server contradicts itself about this file; try again later";
                self.end_fetch(swarm, Err(refusal(RefusalCode::ServerError, sentence)));
            }
            Fetched::Ignored => {}
        }
    }

    fn end_fetch(&mut self, swarm: SwarmName, info: Result<bytes::Bytes, Refusal>) {
        self.requests.drop_fetch(swarm);
        self.events.push(ConversationEvent::Info { swarm, info });
    }
}

fn shown_refusal(refused: Refusal) -> Refusal {
    Refusal { message: display_text(&refused.message, SENTENCE_CHARS_MAX), ..refused }
}

fn login_len(login: &Login) -> usize {
    encode_from_member(&MemberToTracker::Login(login.clone())).len()
}
