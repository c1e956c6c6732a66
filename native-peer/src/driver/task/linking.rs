//! Links come and go.

use peer_engine::{CloseReason, Direction, Identity, Input, LinkKey, Opening};
use wire_protocol::control::SwarmPeer;

use super::Task;
use crate::driver::SwarmEvent;
use crate::driver::contacts::{Attempt, LINKS_MAX};
use crate::driver::open_links::OpenLink;
use crate::links::{Accepted, Incoming, Link, Opened, Pipe};
use crate::report::{Path, PeerChange};

impl Task {
    pub(super) fn on_incoming(&mut self, incoming: Incoming) {
        let now = self.now();
        match incoming {
            Incoming::Received(link, bytes) => self.engine.handle(Input::Received { link, bytes }, now),
            // It is forgotten when the engine says what went over it.
            Incoming::Closed(link) => self.engine.handle(Input::LinkClosed { link }, now),
        }
    }

    pub(super) fn on_attempt(&mut self, attempt: Attempt) {
        match attempt.result {
            Ok(opened) => self.open(opened),
            Err(error) => {
                tracing::debug!(%error, "a peer was not reached");
                if let Some(peer) = attempt.dialled {
                    self.contacts.on_failed(peer, self.now_ms());
                    self.must_plan = true;
                }
            }
        }
    }

    fn open(&mut self, opened: Opened) {
        let Opened { pipe, path, direction, peer } = opened;
        self.start_link(pipe, path, direction, Some(peer));
    }

    pub(super) fn on_accepted(&mut self, accepted: Accepted) {
        let is_banned = accepted.peer.as_ref().is_some_and(|peer| self.contacts.is_banned(peer.member));
        if is_banned || self.links.len() >= LINKS_MAX {
            return;
        }
        let link = self.start_link(Pipe::Tcp(accepted.stream), Path::Direct, Direction::Accepted, accepted.peer);
        self.engine.handle(Input::Received { link, bytes: accepted.head }, self.now());
    }

    fn start_link(&mut self, pipe: Pipe, path: Path, direction: Direction, peer: Option<SwarmPeer>) -> LinkKey {
        let key = self.links.next_key();
        let link = Link::start(key, pipe, &self.channels);
        let opening = Opening {
            direction,
            peer: peer.as_ref().map(|peer| peer.peer),
            identity: peer.as_ref().map(|peer| Identity(peer.member.0)),
        };
        if let Some(peer) = &peer {
            self.contacts.on_open(peer.peer);
        }
        self.links.insert(key, OpenLink { link, path, is_dialled: direction == Direction::Dialed, peer, ready: None });
        self.engine.handle(Input::LinkOpened { link: key, opening }, self.now());
        key
    }

    /// The engine gave it up.
    pub(super) fn close(&mut self, key: LinkKey, why: &CloseReason) {
        if let Some(open) = self.forget(key) {
            tracing::info!(name = %open.name(), %why, "link closed");
            self.closing.spawn(open.link.close());
        }
        while self.closing.try_join_next().is_some() {}
    }

    pub(super) fn forget(&mut self, key: LinkKey) -> Option<OpenLink> {
        let open = self.links.remove(key)?;
        if let Some(peer) = &open.peer {
            if open.is_dialled && open.path == Path::Direct && open.ready.is_none() {
                self.contacts.on_direct_failed(peer.peer);
            }
            self.contacts.on_closed(peer.peer, self.now_ms());
            self.must_plan = true;
        }
        if let Some(id) = open.ready {
            self.tell(SwarmEvent::Peer(open.view(id), PeerChange::Leave));
        }
        Some(open)
    }
}
