//! Files on their way: from the wish to have one to the whole file, and what their swarms want meanwhile.

use local_peer::{Candidate, Event, Input, LinkFailure, Output, Progress};
use membership::candidates::{announced, peer_name};
use peer_engine::LinkKey;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::control::{Announce, Offers, Refusal, SwarmName};
use wire_protocol::ids::{FileId, GroupId};

use super::clock::{Now, ServerClock};
use super::driver::Driver;
use super::pending::sentence;
use super::scope::log;
use super::swarm::{Phase, Swarm, check_savable};
use super::transfer::{Transfer, TransferConfig, engine_config};
use crate::address::DOWNLOAD_COMMAND;
use crate::tuning::Tuning;

impl Driver {
    /// Fetches a file of a group, if this browser can hold it.
    pub(super) fn download(&mut self, group: GroupId, file: FileId, tuning: Tuning) {
        let is_here = self.swarms.key_of_file(file).is_some();
        let card = self.conversation.groups().get(&group).and_then(|known| known.file(file));
        let Some(card) = card.filter(|card| !is_here && self.capacity.holds(card.size)) else {
            return;
        };
        let id = SwarmName { group, file };
        let key = self.swarms.add(Swarm::new(id, card, tuning));
        self.conversation.watch(id);
        self.advance(key, Now::read());
        self.urgent = true;
    }

    /// Takes a swarm as far as the group's state allows.
    pub(super) fn advance(&mut self, key: u64, now: Now) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let Some(group) = self.conversation.groups().get(&swarm.id.group) else {
            return;
        };
        let has_torrent = group.file(swarm.id.file).is_some_and(|card| card.torrent.is_some());
        if has_torrent && matches!(swarm.phase, Phase::AwaitingTorrent) {
            swarm.phase = Phase::AwaitingInfo;
            self.conversation.fetch_info(swarm.id);
            self.urgent = true;
        } else {
            swarm.see(group, now);
            self.identify(key, now);
        }
    }

    /// Tells a swarm how this tab proves itself in it.
    pub(super) fn identify(&mut self, key: u64, now: Now) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let clock = self.conversation.tracker_time_ms(now.ms()).map(|told_ms| ServerClock::new(told_ms, now));
        swarm.identify(self.conversation.credentials(swarm.id.group), clock.unwrap_or_default());
    }

    /// The list of pieces came, or will not come.
    pub(super) fn on_info(&mut self, id: SwarmName, info: Result<bytes::Bytes, Refusal>, now: Now) {
        let waits = |swarm: &&mut Swarm| matches!(swarm.phase, Phase::AwaitingInfo);
        let Some(key) = self.swarms.key_of(id) else {
            return;
        };
        let group = self.conversation.groups().get(&id.group);
        let Some(card) = group.and_then(|group| group.file(id.file)) else {
            return;
        };
        let Some(swarm) = self.swarms.get_mut(key).filter(waits) else {
            return;
        };
        let checked = info.map_err(|refusal| sentence(&refusal)).and_then(|info| check_savable(card, info));
        swarm.phase = match checked {
            Ok(info) => {
                let engine = engine_config(&self.client, swarm.tuning);
                let (handle, server, is_encrypted) = (self.handle.clone(), self.server.clone(), self.is_encrypted);
                let config = TransferConfig { key, handle, server, is_encrypted };
                let mut transfer = Transfer::new(config, info, engine, now);
                transfer.handle(Input::RelayAvailable(self.conversation.is_online()), now);
                Phase::Running(Box::new(transfer))
            }
            Err(why) => Phase::Failed(why),
        };
        self.advance(key, now);
        self.urgent = true;
    }

    /// Is not in the swarm any more, and does not hear of it, unless its group is shown.
    pub(super) fn leave(&mut self, swarm: SwarmName) {
        if !self.watched.contains(&swarm) {
            self.conversation.unwatch(swarm);
        }
        self.conversation.withdraw(swarm);
    }

    // ------------------------------------------------------------ what is wanted

    /// Does all that the swarms want. Places that one of them gives back may be what another waits for.
    pub(super) fn drain_swarms(&mut self, now: Now) {
        let mut has_freed = true;
        while has_freed {
            has_freed = false;
            for key in self.swarms.keys() {
                has_freed |= self.drain_swarm(key, now);
            }
        }
    }

    /// `true`: it gave places back.
    fn drain_swarm(&mut self, key: u64, now: Now) -> bool {
        let before = self.swarms.room();
        if let Some(transfer) = self.swarms.transfer(key) {
            transfer.transmit_blocked(now);
        }
        while let Some(output) = self.swarms.poll_output(key, now) {
            let rest = self.swarms.transfer(key).and_then(|transfer| transfer.carry_out(output, now));
            if let Some(output) = rest {
                self.carry_out(key, output);
            }
        }
        let after = self.swarms.room();
        after.links > before.links || after.connecting > before.connecting
    }

    fn carry_out(&mut self, key: u64, output: Output) {
        match output {
            Output::Dial { link, to, .. } => self.dial(key, link, &to),
            Output::Announce(progress) => self.announce(key, progress),
            Output::Event(event) => self.on_event(key, event),
            // The transfer does them.
            Output::Pair { .. } | Output::Transmit(_) | Output::Storage(_) | Output::Close { .. } => {}
        }
    }

    fn dial(&mut self, key: u64, link: LinkKey, to: &Candidate) {
        let Some(swarm) = self.swarms.get(key).map(|swarm| swarm.id) else {
            return;
        };
        match peer_name(to) {
            Some(name) => {
                let dial = self.conversation.dial(swarm, name);
                self.swarms.add_dial(dial, key, link);
            }
            None => self.on_answer(key, Input::Failed { link, why: LinkFailure::Gone }),
        }
    }

    /// Tells the group how far this tab is.
    fn announce(&mut self, key: u64, progress: Progress) {
        let Some(swarm) = self.swarms.get(key) else {
            return;
        };
        if let (Some(transfer), Some(progress)) = (swarm.transfer(), announced(progress)) {
            let (peer, offers) = (transfer.peer.local(), Offers::default());
            self.conversation.announce(Announce { swarm: swarm.id, peer, progress, listen: None, offers });
        }
    }

    // ------------------------------------------------------------ what happened

    fn on_event(&mut self, key: u64, event: Event) {
        match event {
            // Told with the next snapshot.
            Event::PieceVerified { .. } | Event::NotReached { .. } => {}
            Event::PeerJoined { .. } | Event::PeerLeft { .. } => self.urgent = true,
            Event::PieceFailed { piece, .. } => {
                log(&format!("piece {piece} came damaged; it is fetched again"));
                if let Some(transfer) = self.swarms.transfer(key) {
                    transfer.storage.pieces.forget_buffer(piece);
                }
            }
            Event::PeerBanned { who, piece } => {
                let name = if who.name.is_empty() { "a peer" } else { &who.name };
                self.notice(format!(
                    "Stopped using {name}: it sent damaged data (piece {piece}). The data is fetched again from others."
                ));
            }
            Event::Completed => self.on_completed(key),
            Event::StorageFailed(error) => self.give_up(key, &error.detail),
        }
    }

    fn on_completed(&mut self, key: u64) {
        // What is shared out of this tab was complete from the beginning.
        if self.swarms.get(key).is_some_and(|swarm| swarm.share.is_some()) {
            return;
        }
        let Some(transfer) = self.swarms.transfer(key) else {
            return;
        };
        let (finished, handle) = (transfer.storage.pieces.finish(), self.handle.clone());
        spawn_local(async move {
            let outcome = finished.await;
            handle.run(|driver| driver.on_finished(key, outcome));
        });
        self.urgent = true;
    }

    /// The whole file was read back, or could not be.
    fn on_finished(&mut self, key: u64, outcome: Result<(), String>) {
        let Some(transfer) = self.swarms.transfer(key) else {
            return;
        };
        if let Err(error) = outcome.and_then(|()| transfer.storage.pieces.publish()) {
            self.give_up(key, &error);
        }
        self.urgent = true;
    }

    /// The browser failed to keep or hash a piece: fetching more would only lose more.
    fn give_up(&mut self, key: u64, error: &str) {
        if self.on_source_failed(key) {
            return;
        }
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let name = &swarm.name;
        let reason = format!(
            "{name} cannot go on here: {error}. Free some space, or run {DOWNLOAD_COMMAND} in a terminal and paste the invite."
        );
        log(&reason);
        swarm.phase = Phase::Failed(reason);
        let swarm = swarm.id;
        self.leave(swarm);
        self.urgent = true;
    }
}
