//! What a session does in swarms: announce, watch, dial.

use tokio::time::Instant;
use wire_protocol::control::{
    Announce, AnnounceRefusal, AnnounceRefused, Dial, DialRefusal, LinkGrant, SwarmName, TrackerToMember,
};
use wire_protocol::ids::LinkId;
use wire_protocol::link::{LinkSide, LinkToken, TOKEN_LIFETIME_MS};

use super::session::Session;
use crate::clock;
use crate::limits::{ANNOUNCES_PER_SESSION, Limit};
use crate::tracker::KEY_ID;
use crate::tracker::followed::Ends;
use crate::tracker::participant::Participant;

impl Session {
    /// Goes into a swarm, or says how far it is; whoever is in a swarm watches it.
    pub(super) fn announce(&mut self, announce: &Announce) {
        let outcome = self.try_announce(announce);
        let metrics = &self.tracker.metrics;
        match outcome {
            Ok(()) => {
                metrics.announces_ok.inc();
                self.watch(announce.swarm);
            }
            Err(reason) => {
                metrics.announces_refused.inc();
                let refused = AnnounceRefused { swarm: announce.swarm, reason };
                self.pump.outbox().push(&TrackerToMember::AnnounceRefused(refused));
            }
        }
    }

    /// Leaves a swarm. Watching goes on.
    pub(super) fn withdraw(&mut self, swarm: SwarmName) {
        self.announced.remove(&swarm);
        if let Some(followed) = self.tracker.hub.group(swarm.group) {
            followed.withdraw(self.presence.session(), swarm.file);
        }
    }

    fn try_announce(&mut self, announce: &Announce) -> Result<(), AnnounceRefusal> {
        if !self.announced.contains(&announce.swarm) && self.announced.len() >= ANNOUNCES_PER_SESSION {
            // Some may be of files and groups that are gone.
            let gone: Vec<_> = self.announced.iter().copied().filter(|swarm| !self.is_in(*swarm)).collect();
            self.announced.retain(|swarm| !gone.contains(swarm));
            if self.announced.len() >= ANNOUNCES_PER_SESSION {
                self.tracker.metrics.refused.count(Limit::AnnouncesOfSession);
                return Err(AnnounceRefusal::TooMany);
            }
        }
        let followed = self.tracker.hub.group(announce.swarm.group).ok_or(AnnounceRefusal::NoSuchFile)?;
        followed.announce(self.presence.session(), announce)?;
        self.announced.insert(announce.swarm);
        Ok(())
    }

    fn is_in(&self, swarm: SwarmName) -> bool {
        let followed = self.tracker.hub.group(swarm.group);
        followed.is_some_and(|it| it.has_announced(self.presence.session(), swarm.file))
    }

    pub(super) fn watch(&mut self, swarm: SwarmName) {
        if !self.pump.watching.watch(swarm, self.presence.participant(), Instant::now()) {
            self.tracker.metrics.watches_refused.inc();
        }
    }

    /// Whoever is in a swarm goes on watching it.
    pub(super) fn unwatch(&mut self, swarm: SwarmName) {
        if !self.is_in(swarm) {
            self.pump.watching.unwatch(swarm);
        }
    }

    /// Asks for a link to a peer.
    pub(super) fn dial(&self, Dial { dial, swarm, to }: Dial) {
        let followed = self.tracker.hub.group(swarm.group).ok_or(DialRefusal::NotAnnounced);
        let session = self.presence.session();
        match followed.and_then(|it| it.dial(session, swarm.file, to, &self.tracker.links, clock::now_ms())) {
            Ok((link, ends)) => {
                self.tracker.metrics.dials_granted.inc();
                self.grant(dial, link, swarm, ends);
            }
            Err(reason) => self.refuse_dial(dial, reason),
        }
    }

    /// Each side gets its own token, and hears who the other is.
    fn grant(&self, dial: u32, link: LinkId, swarm: SwarmName, ends: Ends) {
        let Ends { dialer: (dialer, dialing_peer), acceptor: (acceptor, accepting_peer) } = ends;
        let expires_at_ms = clock::now_ms() + TOKEN_LIFETIME_MS;
        let grant = |to: &Participant, side, dial, peer| {
            let token = LinkToken { key_id: KEY_ID, relay: 0, link, side, member: to.member, expires_at_ms };
            let token = token.seal(&self.tracker.key);
            to.outbox.push(&TrackerToMember::LinkGrant(LinkGrant { dial, link, token, relay: None, swarm, peer }));
        };
        grant(&acceptor, LinkSide::Acceptor, None, dialing_peer);
        grant(&dialer, LinkSide::Dialer, Some(dial), accepting_peer);
    }

    pub(super) fn refuse_dial(&self, dial: u32, reason: DialRefusal) {
        let metrics = &self.tracker.metrics;
        match reason {
            DialRefusal::NoSuchPeer => &metrics.dials_no_such_peer,
            DialRefusal::AlreadyLinked => &metrics.dials_linked,
            DialRefusal::TooMany => &metrics.dials_too_many,
            DialRefusal::NotAnnounced => &metrics.dials_not_announced,
            DialRefusal::NotYours => &metrics.dials_not_yours,
        }
        .inc();
        self.pump.outbox().push(&TrackerToMember::DialRefused { dial, reason });
    }
}
