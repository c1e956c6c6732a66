//! A dial becomes a link: straight from machine to machine, or through the relay.
//!
//! ```text
//!  direct:  dialer ──way──► acceptor (accepts or refuses) ──way──► dialer
//!  relayed: dialer ──► tracker ──► grants to both ──► both open a socket to the relay ──► paired, or not in 20 s
//! ```

use std::time::Duration;

use local_peer::{Candidate, Input, LinkFailure, Path};
use peer_engine::LinkKey;

use super::tracker::{address_of, node_at};
use super::{Happening, Simulation};
use crate::link::{Link, LinkId};
use crate::node::{NodeKey, Reach};

/// The relay waits so long for the second side, as the real one does.
const PAIRING_WAIT: Duration = Duration::from_secs(20);
/// A socket to the relay is open after so many ways: TCP's handshake and HTTP's upgrade are two round trips.
const SOCKET_WAYS: u32 = 4;

/// A link that waits at the relay: the dialer's side first.
#[derive(Debug)]
pub(super) struct Pairing {
    sides: [Side; 2],
}

#[derive(Debug)]
struct Side {
    node: NodeKey,
    /// `None`: it has not accepted, or has given it up.
    key: Option<LinkKey>,
    /// Its socket is open.
    is_there: bool,
}

impl Simulation {
    pub(super) fn dial(&mut self, node: NodeKey, link: LinkKey, to: &Candidate, path: Path) {
        match path {
            Path::Direct => {
                let Some(acceptor) = to.addresses.first().and_then(|address| node_at(*address)) else {
                    return;
                };
                // Behind a NAT nothing answers, not even with a refusal.
                if self.nodes[acceptor.0].config.reach == Reach::Open {
                    let way = self.latency(node, acceptor);
                    self.later(way, Happening::Connects { dialer: node, link, acceptor });
                }
            }
            Path::Relay => {
                let acceptor = to.peer.map(|peer| super::watching::number(&peer));
                let (way, acceptor) = (self.nodes[node.0].config.latency, NodeKey(acceptor.unwrap_or(usize::MAX)));
                self.later(way, Happening::Asks { dialer: node, link, acceptor });
            }
        }
    }

    /// A connection reaches the acceptor.
    pub(super) fn on_connects(&mut self, dialer: NodeKey, link: LinkKey, acceptor: NodeKey) {
        if !self.nodes[acceptor.0].alive || !self.nodes[dialer.0].alive {
            return;
        }
        let way = self.latency(dialer, acceptor);
        let Some(key) = self.accept(acceptor, dialer, Path::Direct) else {
            let failed = Input::Failed { link, why: LinkFailure::Unreachable };
            self.later(way, Happening::Answers(dialer, failed));
            return;
        };
        self.add_link([(dialer, link), (acceptor, key)], false);
        self.input(acceptor, Input::Secured { link: key, who: None });
        self.later(way, Happening::Opens(dialer, link, Path::Direct));
    }

    /// A dial reaches the tracker.
    pub(super) fn on_asks(&mut self, dialer: NodeKey, link: LinkKey, acceptor: NodeKey) {
        let way = self.nodes[dialer.0].config.latency;
        if !self.tracker.knows(acceptor) {
            let failed = Input::Failed { link, why: LinkFailure::Gone };
            self.later(way, Happening::Answers(dialer, failed));
            return;
        }
        let id = self.next_pairing;
        self.next_pairing += 1;
        let sides = [
            Side { node: dialer, key: Some(link), is_there: false },
            Side { node: acceptor, key: None, is_there: false },
        ];
        self.pairings.insert(id, Pairing { sides });
        self.nodes[dialer.0].pairings.insert(link, id);
        self.later(way, Happening::Answers(dialer, Input::Granted { link }));
        let way = self.nodes[acceptor.0].config.latency;
        self.later(way, Happening::Asked(acceptor, id));
        // Longer than both sides can need: then nobody is there any more.
        self.later(2 * PAIRING_WAIT, Happening::PairingEnds(id));
    }

    /// A grant for another's dial reaches the acceptor.
    pub(super) fn on_asked(&mut self, acceptor: NodeKey, id: u64) {
        let Some(dialer) = self.pairings.get(&id).map(|pairing| pairing.sides[0].node) else {
            return;
        };
        if !self.nodes[acceptor.0].alive {
            return;
        }
        if let Some(key) = self.accept(acceptor, dialer, Path::Relay) {
            self.nodes[acceptor.0].pairings.insert(key, id);
            if let Some(pairing) = self.pairings.get_mut(&id) {
                pairing.sides[1].key = Some(key);
            }
        }
        self.drain(acceptor);
    }

    fn accept(&mut self, acceptor: NodeKey, dialer: NodeKey, path: Path) -> Option<LinkKey> {
        let mut room = self.room(self.nodes[acceptor.0].program);
        let from = if self.tracker.strangers.contains(&self.nodes[dialer.0].swarm) {
            Candidate::caller(address_of(dialer).ip())
        } else {
            self.candidate(dialer)
        };
        self.nodes[acceptor.0].mind.accept(from, path, &mut room, self.now)
    }

    /// A side opens its socket to the relay.
    pub(super) fn open_socket(&mut self, node: NodeKey, link: LinkKey) {
        let ways = self.nodes[node.0].config.latency * SOCKET_WAYS;
        self.later(ways, Happening::AtDoor(node, link));
    }

    /// A side's socket is open, and its token presented.
    pub(super) fn on_door(&mut self, node: NodeKey, link: LinkKey) {
        let Some(id) = self.nodes[node.0].pairings.get(&link).copied().filter(|_| self.nodes[node.0].alive) else {
            return;
        };
        let Some(pairing) = self.pairings.get_mut(&id) else {
            return;
        };
        pairing.sides.iter_mut().filter(|side| side.node == node).for_each(|side| side.is_there = true);
        let [Side { node: a, key: Some(key_a), is_there: true }, Side { node: b, key: Some(key_b), is_there: true }] =
            pairing.sides
        else {
            self.later(PAIRING_WAIT, Happening::PairingEnds(id));
            return;
        };
        self.pairings.remove(&id);
        let ends = [(a, key_a), (b, key_b)];
        self.add_link(ends, true);
        for (node, key) in ends {
            self.nodes[node.0].pairings.remove(&key);
            let way = self.nodes[node.0].config.latency;
            self.later(way, Happening::Opens(node, key, Path::Relay));
        }
    }

    /// Nobody else comes: the relay closes the socket of whoever is there.
    pub(super) fn on_pairing_ends(&mut self, id: u64) {
        let Some(pairing) = self.pairings.remove(&id) else {
            return;
        };
        for side in pairing.sides {
            let Some(link) = side.key else {
                continue;
            };
            self.nodes[side.node.0].pairings.remove(&link);
            let way = self.nodes[side.node.0].config.latency;
            let failed = Input::Failed { link, why: LinkFailure::NotPaired };
            self.later(way, Happening::Answers(side.node, failed));
        }
    }

    /// A side gives up a link that waits at the relay.
    pub(super) fn leave_relay(&mut self, node: NodeKey, link: LinkKey) {
        let id = self.nodes[node.0].pairings.remove(&link);
        if let Some(pairing) = id.and_then(|id| self.pairings.get_mut(&id)) {
            let mine = pairing.sides.iter_mut().filter(|side| side.node == node && side.key == Some(link));
            mine.for_each(|side| (side.key, side.is_there) = (None, false));
        }
    }

    fn add_link(&mut self, [dialer, acceptor]: [(NodeKey, LinkKey); 2], is_relayed: bool) {
        let id = LinkId(self.links.len());
        self.links.push(Link::new(dialer, acceptor, is_relayed));
        for (node, key) in [dialer, acceptor] {
            self.nodes[node.0].links.insert(key, id);
        }
        let lost = &mut self.nodes[dialer.0.0].links_lost;
        self.report.relinked += u32::from(*lost > 0);
        *lost = lost.saturating_sub(1);
    }

    /// A side learns that its link is there. (Links are not encrypted yet: it is secured in the same moment.)
    pub(super) fn on_opens(&mut self, node: NodeKey, link: LinkKey, path: Path) {
        let opened = match path {
            Path::Direct => Input::Connected { link },
            Path::Relay => Input::Paired { link },
        };
        if self.handle(node, opened) {
            self.input(node, Input::Secured { link, who: None });
        }
    }
}
