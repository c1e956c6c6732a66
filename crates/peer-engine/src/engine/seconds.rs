//! What time alone brings about, once a second.

use std::time::Duration;

use wire_protocol::peer_wire::Message;

use super::Engine;
use super::messages::set_choked;
use crate::choker::Candidate;
use crate::io::{CloseReason, LinkKey};
use crate::peer::Peer;
use crate::time::Instant;

const SECOND: Duration = Duration::from_secs(1);
/// Without a handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Without any byte.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// Others close at 120 s of silence.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);

impl Engine {
    pub(super) fn on_time(&mut self, now: Instant) {
        if now < self.next_second {
            return;
        }
        self.next_second = now + SECOND;
        self.down.on_second();
        self.up.on_second();
        let links: Vec<LinkKey> = self.peers.keys().copied().collect();
        for link in links {
            self.on_second_of(link, now);
        }
        if self.choker.is_due(now) {
            self.choke_round(now);
        }
    }

    fn on_second_of(&mut self, link: LinkKey, now: Instant) {
        let Some(mut peer) = self.peers.remove(&link) else {
            return;
        };
        peer.down.on_second();
        peer.up.on_second();
        let lost_patience = peer.window.on_second(&peer.down, now, &self.config);
        if lost_patience {
            self.give_up_requests(&mut peer);
        }
        if peer.id.is_some() && now.since(peer.last_sent) >= KEEPALIVE_AFTER && peer.control.is_empty() {
            peer.say(&Message::KeepAlive);
        }
        let is_silent = now.since(peer.last_received) > SILENCE_MAX
            || (peer.id.is_none() && now.since(peer.opened_at) > HANDSHAKE_PATIENCE);
        self.peers.insert(link, peer);
        if is_silent {
            self.close(link, CloseReason::TimedOut);
        } else if lost_patience {
            self.wake_all();
        } else {
            self.wake(link);
        }
    }

    /// A served peer left: do not let its slot wait for the next round.
    pub(super) fn choke_round_soon(&mut self) {
        self.choker.make_due();
    }

    fn change_choke(&mut self, peer: &mut Peer, choked: bool, now: Instant) {
        set_choked(peer, choked, now);
        if choked {
            self.suggester.release(peer.link);
        } else {
            self.suggest(peer);
        }
    }

    fn choke_round(&mut self, now: Instant) {
        let candidate = |peer: &Box<Peer>| Candidate {
            link: peer.link,
            choked: peer.choked_by_us,
            rate_from: peer.down.average(),
            rate_to: peer.up.average(),
            since: peer.choke_changed_at,
        };
        let candidates = self.peers.values().filter(|peer| peer.interested_in_us).map(candidate).collect();
        let served = self.choker.round(candidates, self.picker.have().is_full(), now);
        let links: Vec<LinkKey> = self.peers.keys().copied().collect();
        for link in links {
            let is_served = served.contains(&link);
            let Some(mut peer) = self.peers.remove(&link) else {
                continue;
            };
            if peer.id.is_some() && peer.choked_by_us == is_served {
                self.change_choke(&mut peer, !is_served, now);
            }
            self.peers.insert(link, peer);
            self.wake(link);
        }
    }
}
