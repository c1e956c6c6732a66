//! What goes to the tracker next.

use wire_protocol::control::{Login, MemberToTracker, SwarmName, encode_from_member};
use wire_protocol::ids::RequestId;

use super::Conversation;
use crate::requests::Purpose;

/// A place in the outbox. Each names a thing at most once, so the outbox is as bounded as the things are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outgoing {
    Login(Box<Login>),
    Request(RequestId),
    Announce(SwarmName),
    Withdraw(SwarmName),
    /// Whether a swarm is watched, as it is when it is sent.
    Watching(SwarmName),
    Dial(u32),
    Ping,
    /// The next part of the first publication.
    InfoPart,
}

impl Conversation {
    /// The next message to send, as one binary message. What was polled counts as sent. `None` while there
    /// is nothing, or while this member would talk too fast.
    pub fn poll_message(&mut self) -> Option<Vec<u8>> {
        while !self.outbox.is_empty() && self.pace.take() {
            let outgoing = self.outbox.pop_front()?;
            if let Some(message) = self.message(outgoing) {
                self.needs_stamp = true;
                return Some(encode_from_member(&message));
            }
        }
        None
    }

    /// `None`: it has become moot since.
    fn message(&mut self, outgoing: Outgoing) -> Option<MemberToTracker> {
        Some(match outgoing {
            Outgoing::Login(login) => MemberToTracker::Login(*login),
            Outgoing::Request(id) => MemberToTracker::Request { id, request: self.requests.send(id)? },
            Outgoing::Announce(key) => MemberToTracker::Announce(self.presences.take(key)?),
            Outgoing::Withdraw(swarm) => MemberToTracker::Withdraw(swarm),
            Outgoing::Watching(swarm) if self.watches.contains(swarm) => MemberToTracker::Watch(swarm),
            Outgoing::Watching(swarm) => MemberToTracker::Unwatch(swarm),
            Outgoing::Dial(dial) => MemberToTracker::Dial(self.dials.get(dial)?),
            Outgoing::Ping => MemberToTracker::Ping,
            Outgoing::InfoPart => {
                let part = self.publishing.take_part()?;
                self.queue_publication();
                MemberToTracker::InfoPart(part)
            }
        })
    }

    /// The next part of the first publication, or its request when all parts are on their way.
    pub(super) fn queue_publication(&mut self) {
        if !self.is_online() {
            return;
        }
        if self.publishing.queue() {
            self.outbox.push_back(Outgoing::InfoPart);
        } else if let Some(finished) = self.publishing.finished_parts() {
            let (id, request, purpose) = (finished.request, finished.request(), Purpose::Publish(finished.swarm));
            if !self.requests.contains(id) {
                self.requests.add(id, request, purpose);
            }
            self.outbox.push_back(Outgoing::Request(id));
        }
    }

    /// Asks whether the tracker is there, before anything else is said.
    pub(super) fn queue_ping(&mut self) {
        if self.outbox.front() != Some(&Outgoing::Ping) {
            self.outbox.push_front(Outgoing::Ping);
        }
    }

    /// A new connection: everything that is kept is said again.
    pub(super) fn queue_everything(&mut self) {
        self.outbox.extend(self.requests.to_send_again().into_iter().map(Outgoing::Request));
        self.outbox.extend(self.watches.all().map(Outgoing::Watching));
        self.outbox.extend(self.presences.queue_all().into_iter().map(Outgoing::Announce));
        self.queue_publication();
    }
}
