//! What the tracker says to this member alone: tickets, keys, and answers to requests to join.

use bytes::Bytes;
use wire_protocol::control::{
    DISPLAY_NAME_CHARS_MAX, Hello, JOIN_MESSAGE_CHARS_MAX, LIST_LEN_MAX, Refusal, Reply, Request, SEALED_LEN_MAX,
};
use wire_protocol::ids::{GroupId, MemberKey};
use wire_protocol::invite::SLUG_LEN_MAX;
use wire_protocol::text::display_text;
use wire_protocol::ticket::TICKET_LEN_MAX;

use super::Conversation;
use crate::event::ConversationEvent;
use crate::group::{SealedKey, shown_preview};

/// Groups whose answer is waited for. The tracker lets one person wait for fewer.
const ASKED_MAX: usize = 64;

impl Conversation {
    /// The tracker's signing key, which link tokens and tickets are checked against; `None` before the first connection.
    pub fn tracker_key(&self) -> Option<[u8; 32]> {
        self.tracker.as_ref().map(|tracker| tracker.key)
    }

    /// The tracker's clock at `now_ms` of the driver's epoch, Unix milliseconds, as well as one hello tells. Browsers'
    /// own clocks are hours off.
    pub fn tracker_time_ms(&self, now_ms: u64) -> Option<u64> {
        let tracker = self.tracker.as_ref()?;
        Some(tracker.time_ms.saturating_add(now_ms.saturating_sub(tracker.heard_at_ms)))
    }

    pub(super) fn note_tracker(&mut self, hello: &Hello) {
        self.tracker = Some(Tracker { key: hello.server_key, time_ms: hello.time_ms, heard_at_ms: self.now_ms });
    }

    pub(super) fn handle_ticket(&mut self, group: GroupId, ticket: Vec<u8>) {
        let is_possible = !ticket.is_empty() && ticket.len() <= TICKET_LEN_MAX;
        if is_possible && self.groups.set_ticket(group, Bytes::from(ticket)) {
            self.events.push(ConversationEvent::CredentialsChanged(group));
        }
    }

    pub(super) fn handle_key(&mut self, group: GroupId, key: SealedKey) {
        if key.sealed.0.len() <= SEALED_LEN_MAX && self.groups.set_key(group, key.clone()) {
            self.take_key(group, &key);
        }
    }

    pub(super) fn handle_keys_wanted(&mut self, group: GroupId, epoch: u32, mut members: Vec<MemberKey>) {
        members.truncate(LIST_LEN_MAX);
        if self.groups.known().get(&group).is_some_and(|known| known.epoch == epoch) {
            self.give_keys(group, epoch, members);
        }
    }

    // ------------------------------------------------------------ requests to join

    /// What replies say of requests to join.
    pub(super) fn note_asked(&mut self, request: &Request, reply: &Reply) {
        match reply {
            Reply::Asked { group, .. } => {
                self.wait_for(*group);
                // Whoever asks without an invite takes the server's word for who is admin.
                if matches!(request, Request::AskToJoin { .. }) {
                    self.forget_admins(*group);
                }
            }
            Reply::MyRequests(requests) => {
                requests.iter().filter(|request| !request.is_refused).for_each(|request| self.wait_for(request.group));
            }
            _ => {}
        }
    }

    fn wait_for(&mut self, group: GroupId) {
        if self.asked.len() < ASKED_MAX && !self.groups.known().contains_key(&group) {
            self.asked.insert(group);
        }
    }

    /// This member is in a group, whether they had asked for it or not.
    pub(super) fn note_joined(&mut self, group: GroupId) {
        if self.asked.remove(&group) {
            self.events.push(ConversationEvent::JoinAccepted(group));
        }
    }

    pub(super) fn handle_join_refused(&mut self, group: GroupId, slug: &str) {
        // Also of what another device asked for.
        self.asked.remove(&group);
        self.events.push(ConversationEvent::JoinRefused { group, slug: display_text(slug, SLUG_LEN_MAX) });
    }
}

/// What is known of the tracker itself.
#[derive(Debug)]
pub(super) struct Tracker {
    key: [u8; 32],
    /// Its clock then.
    time_ms: u64,
    /// Milliseconds of the driver's epoch.
    heard_at_ms: u64,
}

/// An outcome whose texts are fit to be shown.
pub(super) fn shown_outcome(outcome: Result<Reply, Refusal>) -> Result<Reply, Refusal> {
    outcome.map(|reply| match reply {
        Reply::Preview(preview) => Reply::Preview(shown_preview(preview)),
        Reply::JoinRequests(mut requests) => {
            for request in &mut requests {
                request.display_name = display_text(&request.display_name, DISPLAY_NAME_CHARS_MAX);
                request.message = display_text(&request.message, JOIN_MESSAGE_CHARS_MAX);
            }
            Reply::JoinRequests(requests)
        }
        Reply::MyRequests(mut requests) => {
            for request in &mut requests {
                request.slug = display_text(&request.slug, SLUG_LEN_MAX);
                request.message = display_text(&request.message, JOIN_MESSAGE_CHARS_MAX);
            }
            Reply::MyRequests(requests)
        }
        reply => reply,
    })
}
