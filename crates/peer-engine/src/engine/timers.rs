//! What time alone brings about, once a second.

use std::time::Duration;

use peer_wire::Message;

use super::Engine;
use crate::config::PiecePolicy;
use crate::ids::LinkKey;
use crate::output::CloseReason;
use crate::time::Timestamp;

const SECOND: Duration = Duration::from_secs(1);
/// Without a handshake.
const HANDSHAKE_PATIENCE: Duration = Duration::from_secs(10);
/// Without any byte.
const SILENCE_MAX: Duration = Duration::from_secs(120);
/// Turnover of peers near the limit of links.
const TURNOVER_EVERY: Duration = Duration::from_secs(300);
/// Others close at 120 s of silence.
const KEEPALIVE_AFTER: Duration = Duration::from_secs(60);

impl Engine {
    pub(super) fn on_time(&mut self, now: Timestamp) {
        if self.have_log.take_due(now) {
            self.tell_peers();
        }
        if self.budget.take_given_way(now) {
            self.wake_all();
        }
        if self.serving.take_free() {
            self.fill_slots(now);
        }
        if now >= self.next_second {
            self.next_second = now + SECOND;
            self.on_second(now);
        }
    }

    fn on_second(&mut self, now: Timestamp) {
        self.down.on_second();
        self.up.on_second();
        let links: Vec<LinkKey> = self.peers.keys().collect();
        for link in links {
            self.on_second_of(link, now);
        }
        self.tell_of_others(now);
        // Shares by rate follow the rates until somebody has run out.
        self.holders_changed |= self.picker.policy() == (PiecePolicy::EqualSplit { by_rate: true });
        if self.serving.is_round_due(now) {
            self.choke_round(now);
        } else {
            self.fill_slots(now);
        }
        if now >= self.next_turnover {
            self.next_turnover = now + TURNOVER_EVERY;
            self.turn_over();
        }
    }

    fn on_second_of(&mut self, link: LinkKey, now: Timestamp) {
        let Some(mut peer) = self.peers.remove(link) else {
            return;
        };
        peer.down.on_second();
        peer.up.on_second();
        peer.starved = false;
        let lost_patience = peer.window.on_second(&peer.down, now, &self.config);
        if lost_patience {
            self.give_up_requests(&mut peer);
        }
        if peer.id.is_some() && now.since(peer.last_sent) >= KEEPALIVE_AFTER && peer.control.is_empty() {
            peer.say(&Message::KeepAlive);
        }
        self.end_overdue_service(&mut peer, now);
        let declined = peer.declined.take_due(now);
        if let Err(why) = self.believe_again(&mut peer, declined) {
            return self.give_up(peer, why);
        }
        let is_silent = now.since(peer.last_received) > SILENCE_MAX
            || (peer.id.is_none() && now.since(peer.opened_at) > HANDSHAKE_PATIENCE);
        self.peers.insert(peer);
        if is_silent {
            self.close(link, CloseReason::TimedOut);
        } else if lost_patience {
            self.wake_all();
        } else {
            self.wake(link);
        }
    }

    /// Near the limit of links the least useful make room (libtorrent: 4 % every five minutes).
    fn turn_over(&mut self) {
        if (self.peers.len() as u64) * 10 < u64::from(self.config.links_max) * 9 {
            return;
        }
        let mut links: Vec<(bool, u64, LinkKey)> = self
            .peers
            .values()
            .map(|peer| {
                let is_useful = peer.we_are_interested || peer.interested_in_us;
                let age_s = self.now.since(peer.opened_at).as_secs().max(1);
                (is_useful, (peer.down.total() + peer.up.total()) / age_s, peer.link)
            })
            .collect();
        links.sort_unstable();
        let leave = (links.len() / 25).max(1);
        for (_, _, link) in links.into_iter().take(leave) {
            self.close(link, CloseReason::Turnover);
        }
    }
}
