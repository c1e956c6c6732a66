//! What is to be done next.

use peer_engine::{CloseReason as EngineReason, Direction, Event as EngineEvent, LinkKey, Output as EngineOutput};

use super::LocalPeer;
use crate::candidate::{Candidate, Source};
use crate::dialing::View;
use crate::failure::CloseReason;
use crate::links::{Path, Phase};
use crate::output::{Event, Output};
use crate::room::Room;
use crate::totals::{Given, Who};
use crate::{PeerId, Timestamp};

impl LocalPeer {
    /// The next thing to do; to be called until `None` after every input. `room`: what is left of the program's
    /// limit over all its swarms; what is begun here is taken from it.
    pub fn poll_output(&mut self, room: &mut Room, now: Timestamp) -> Option<Output> {
        loop {
            if let Some(output) = self.outputs.pop_front() {
                return Some(output);
            }
            // Before the first dial: the tracker gives links only to those who are in the swarm.
            if !self.is_leaving
                && let Some(progress) = self.announcing.poll(now)
            {
                return Some(Output::Announce(progress));
            }
            if let Some(output) = self.engine.as_mut().and_then(|engine| engine.poll_output()) {
                match self.on_engine_output(output, now) {
                    None => continue,
                    output => return output,
                }
            }
            // Those who asked first: they wait for us, and their wait is short.
            let next = self.next_granted(room, now).or_else(|| self.next_dial(room, now));
            return next;
        }
    }

    fn next_granted(&mut self, room: &mut Room, now: Timestamp) -> Option<Output> {
        if room.connecting == 0 {
            return None;
        }
        let link = self.links.in_phase(Phase::Granted).next()?.0;
        room.connecting -= 1;
        self.links.set_phase(link, Phase::Pairing, now);
        Some(Output::Pair { link })
    }

    fn next_dial(&mut self, room: &mut Room, now: Timestamp) -> Option<Output> {
        if !self.may_dial() {
            return None;
        }
        let (candidates, links) = (&self.candidates, &self.links);
        let (wants, is_complete) = (!self.has_all_wanted(), self.is_complete());
        let view = View { local: self.local, wants, is_complete, candidates, links, limit: self.config.limit, now };
        let (engine, early) = (&self.engine, &self.early_bans);
        let is_banned = |candidate: &Candidate| match engine {
            Some(engine) => engine.is_banned(candidate.peer, candidate.identity),
            None => candidate.identity.is_some_and(|identity| early.contains(&identity)),
        };
        let (to, path) = self.dialing.next(view, *room, is_banned)?;
        room.connecting -= 1;
        room.links -= 1;
        let link = self.links.add(to.clone(), path, Direction::Dialed, Phase::Dialing, now);
        Some(Output::Dial { link, to: Box::new(to), path })
    }

    // ------------------------------------------------------------ the engine's outputs

    /// What it wants of the program itself; nothing else waits before that.
    fn on_engine_output(&mut self, output: EngineOutput, now: Timestamp) -> Option<Output> {
        match output {
            EngineOutput::Transmit(link) => return Some(Output::Transmit(link)),
            EngineOutput::Storage(job) => return Some(Output::Storage(job)),
            EngineOutput::Close { link, why } => self.close(link, CloseReason::Engine(why), now),
            EngineOutput::Event(event) => self.on_engine_event(event, now),
            _ => {}
        }
        None
    }

    fn on_engine_event(&mut self, event: EngineEvent, now: Timestamp) {
        let event = match event {
            EngineEvent::PeerReady { link, peer } => self.on_ready(link, peer),
            EngineEvent::PeerGone { link, downloaded, uploaded, why, .. } => {
                self.on_gone(link, Given { downloaded, uploaded }, why)
            }
            EngineEvent::PeersTold { addresses, .. } => {
                self.on_found(Source::Pex, addresses, now);
                None
            }
            EngineEvent::PieceVerified { piece } => {
                self.count_pieces();
                Some(Event::PieceVerified { piece })
            }
            EngineEvent::PieceFailed { piece, senders } => {
                let senders = senders.into_iter().map(|peer| self.who(peer)).collect();
                Some(Event::PieceFailed { piece, senders })
            }
            EngineEvent::PeerBanned { peer, piece, .. } => {
                self.close_banned(now);
                let who = self.who(peer);
                self.totals.on_bad(&who);
                Some(Event::PeerBanned { who, piece })
            }
            EngineEvent::Completed => {
                self.count_pieces();
                Some(Event::Completed)
            }
            EngineEvent::StorageFailed(error) => {
                self.storage_failure = Some(error.clone());
                Some(Event::StorageFailed(error))
            }
            _ => None,
        };
        self.outputs.extend(event.map(Output::Event));
    }

    fn on_ready(&mut self, key: LinkKey, peer: PeerId) -> Option<Event> {
        let link = self.links.get_mut(key)?;
        link.ready = Some(peer);
        let who = Who::new(peer, &link.candidate, link.path);
        self.totals.on_ready(key, who.clone());
        Some(Event::PeerJoined { link: key, who })
    }

    fn on_gone(&mut self, link: LinkKey, given: Given, why: Option<EngineReason>) -> Option<Event> {
        let is_banned = matches!(why, Some(EngineReason::BadPiece(_) | EngineReason::Banned));
        let (who, totals) = self.totals.on_gone(link, given, is_banned)?;
        Some(Event::PeerLeft { link, who, totals, why })
    }

    /// Who has this peer id, or had it.
    fn who(&self, peer: PeerId) -> Who {
        let listed = || self.candidates.find(peer).map(|candidate| Who::new(peer, candidate, Path::Relay));
        let unknown = || Who::new(peer, &Candidate::default(), Path::Direct);
        self.totals.find(peer).cloned().or_else(listed).unwrap_or_else(unknown)
    }
}
