//! Files on their way: from the wish to have one to the whole file, and what their swarms want meanwhile.

use local_peer::{Candidate, Event, Input, LinkFailure, Output, Progress};
use membership::candidates::{announced, peer_name};
use metainfo::Info;
use peer_engine::LinkKey;
use wasm_bindgen_futures::spawn_local;
use web_sys::Blob;
use wire_protocol::control::{Announce, FileCard, Offers, Refusal, SwarmName};
use wire_protocol::ids::{FileId, GroupId, InfoHash};

use super::clock::{Now, ServerClock};
use super::driver::Driver;
use super::scope::log;
use super::storage::{self, Opened};
use super::swarm::{Phase, Swarm, check_info};
use super::transfer::{Transfer, TransferConfig, engine_config};
use crate::playing::playable_of;
use crate::screen::downloads::{banned_line, cannot_go_on_line};
use crate::screen::refusals::refusal_line;
use crate::screen::saving as words;
use crate::storing::batches::Batch;
use crate::storing::record::StoredFile;
use crate::storing::{Place, WhyMemory};
use crate::tuning::Tuning;

impl Driver {
    /// Fetches a file of a group, if this browser can hold it. `plays`: to play it as it comes.
    pub(super) fn download(&mut self, group: GroupId, file: FileId, tuning: Tuning, plays: bool) {
        let is_here = self.swarms.key_of_file(file).is_some();
        let card = self.conversation.groups().get(&group).and_then(|known| known.file(file));
        // What an earlier visit began has its room.
        let is_stored = |card: &FileCard| card.torrent.is_some_and(|torrent| self.kept.shelf.has(&torrent.info_hash));
        let fits = |card: &FileCard| self.capacity.holds(card.size) || is_stored(card);
        let Some(card) = card.filter(|card| !is_here && fits(card)) else {
            return;
        };
        let id = SwarmName { group, file };
        let mut swarm = Swarm::new(id, card, tuning);
        if plays {
            swarm.expect_player();
        }
        let key = self.swarms.add(swarm);
        self.conversation.watch(id);
        self.advance(key, Now::read());
        self.urgent = true;
    }

    /// Opens what an earlier visit kept, without the server. Once that is there, it is served to the group.
    pub(super) fn open_stored(&mut self, torrent: InfoHash) {
        let Some(stored) = self.kept.shelf.get(&torrent).map(|stored| stored.file) else {
            return;
        };
        let is_here = self.swarms.key_of_file(stored.file).is_some();
        let Some(info) = Info::parse(stored.info.clone().into()).ok().filter(|_| !is_here) else {
            return;
        };
        let id = SwarmName { group: stored.group, file: stored.file };
        let mut swarm = Swarm::of_stored(id, &stored, Tuning::default());
        swarm.torrent = Some(torrent);
        let key = self.swarms.add(swarm);
        self.conversation.watch(id);
        self.open_storage(key, id, info);
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
            let id = swarm.id;
            self.urgent = true;
            match self.stored_info(id) {
                Some(info) => self.on_info(id, Ok(info)),
                None => self.conversation.fetch_info(id),
            }
        } else {
            swarm.see(group, now);
            self.identify(key, now);
        }
    }

    /// Others get what is downloaded here, or do not.
    pub(super) fn serve_downloads(&mut self, serves: bool) {
        self.serves_downloads = serves;
        let now = Now::read();
        let downloads = self.swarms.iter_mut().filter(|swarm| swarm.share.is_none());
        downloads.filter_map(Swarm::transfer_mut).for_each(|transfer| transfer.serve(serves, now));
    }

    /// Tells a swarm how this tab proves itself in it.
    pub(super) fn identify(&mut self, key: u64, now: Now) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let clock = self.conversation.tracker_time_ms(now.ms()).map(|told_ms| ServerClock::new(told_ms, now));
        swarm.identify(self.conversation.credentials(swarm.id.group), clock.unwrap_or_default());
    }

    /// The list of pieces of an earlier visit.
    fn stored_info(&self, id: SwarmName) -> Option<bytes::Bytes> {
        let card = self.conversation.groups().get(&id.group)?.file(id.file)?;
        self.kept.shelf.get(&card.torrent?.info_hash).map(|stored| stored.file.info.into())
    }

    /// The list of pieces came, or will not come.
    pub(super) fn on_info(&mut self, id: SwarmName, info: Result<bytes::Bytes, Refusal>) {
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
        let checked = info.map_err(|refusal| refusal_line(&refusal)).and_then(|info| check_info(card, info));
        match checked {
            Ok(info) => {
                swarm.phase = Phase::Opening;
                swarm.torrent = Some(info.info_hash());
                self.open_storage(key, id, info);
            }
            Err(why) => swarm.phase = Phase::Failed(why),
        }
        self.urgent = true;
    }

    fn open_storage(&self, key: u64, id: SwarmName, info: Info) {
        let torrent = info.info_hash();
        let wanted = storage::Wanted {
            capacity: self.capacity,
            noted: self.kept.shelf.get(&torrent).map(|stored| stored.pieces),
            file: StoredFile {
                group: id.group,
                file: id.file,
                name: info.name().to_owned(),
                size: info.layout().total_len(),
                pieces: info.layout().pieces(),
                info: info.raw().to_vec(),
            },
            notes: self.kept.shelf.notes(torrent),
            info,
        };
        let handle = self.handle.clone();
        spawn_local(async move {
            let opened = storage::open(wanted).await;
            handle.run(|driver| driver.on_opened(key, opened, Now::read()));
        });
    }

    /// The place for the pieces is open, or there is none.
    fn on_opened(&mut self, key: u64, opened: Result<Opened, String>, now: Now) {
        let (handle, server, is_encrypted) = (self.handle.clone(), self.server.clone(), self.is_encrypted);
        let open_group = self.open_group;
        let opened = match opened {
            Ok(opened) => opened,
            Err(why) => return self.give_up(key, &why),
        };
        let Some(swarm) = self.swarms.get_mut(key) else {
            return self.forget_opened(opened);
        };
        swarm.place = Some(opened.place);
        swarm.playable = playable_of(&opened.info);
        let engine = engine_config(&self.client, swarm.tuning);
        let config = TransferConfig { key, handle, server, is_encrypted };
        let mut transfer = Transfer::new(config, opened, engine, now);
        if !self.serves_downloads {
            transfer.serve(false, now);
        }
        transfer.handle(Input::RelayAvailable(self.conversation.is_online()), now);
        let is_complete = transfer.peer.is_complete();
        swarm.phase = Phase::Running(Box::new(transfer));
        // The person may have gone elsewhere while it was prepared.
        if open_group == Some(swarm.id.group) {
            swarm.begin_for_player(now);
        }
        self.advance(key, now);
        if is_complete {
            self.on_completed(key, now);
        }
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
        loop {
            while let Some(output) = self.swarms.poll_output(key, now) {
                let rest = self.swarms.transfer(key).and_then(|transfer| transfer.carry_out(output, now));
                if let Some(output) = rest {
                    self.carry_out(key, output);
                }
            }
            // What was sent may make room for more.
            if !self.swarms.transfer(key).is_some_and(|transfer| transfer.send_due(now)) {
                break;
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
            }
            Event::PeerBanned { who, piece } => {
                self.notice(banned_line(&who.name, piece.0));
            }
            Event::Completed => self.on_completed(key, Now::read()),
            Event::StorageFailed(error) => self.give_up(key, &error.detail),
        }
    }

    fn on_completed(&mut self, key: u64, now: Now) {
        // What is shared out of this tab was complete from the beginning.
        if self.swarms.get(key).is_some_and(|swarm| swarm.share.is_some()) {
            return;
        }
        let Some(transfer) = self.swarms.transfer(key) else {
            return;
        };
        let (finished, handle) = (transfer.storage.finish(now), self.handle.clone());
        spawn_local(async move {
            let outcome = finished.await;
            handle.run(|driver| driver.on_finished(key, outcome));
        });
        self.urgent = true;
    }

    /// The browser's database has some pieces, or has no room for them.
    pub(super) fn on_batch_kept(&mut self, key: u64, batch: Batch, kept: Option<Blob>) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let is_kept = swarm.transfer_mut().is_none_or(|transfer| transfer.storage.on_batch_kept(batch, kept));
        if is_kept {
            return;
        }
        // What was on its way beside it may have said so already.
        let Some(torrent) = swarm.on_disk() else {
            return;
        };
        // WebKit's private windows take no Blob at all.
        let is_nothing = self.kept.shelf.get(&torrent).is_none_or(|stored| stored.have_len() == 0);
        swarm.place = Some(Place::Memory(if is_nothing { WhyMemory::Failing } else { WhyMemory::Full }));
        self.urgent = true;
        if is_nothing {
            self.remove_stored(torrent, false);
        }
    }

    /// The browser has the whole file, or has not.
    fn on_finished(&mut self, key: u64, outcome: Result<Blob, String>) {
        let Some(transfer) = self.swarms.transfer(key) else {
            return;
        };
        if let Err(error) = outcome.and_then(|file| transfer.storage.publish(&file)) {
            self.give_up(key, &error);
        }
        self.save_what_waited(key);
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
        let reason = match swarm.place {
            Some(Place::Chosen) => words::moved_line(name),
            _ => cannot_go_on_line(name, error),
        };
        log(&reason);
        swarm.phase = Phase::Failed(reason);
        let swarm = swarm.id;
        self.leave(swarm);
        self.urgent = true;
    }
}
