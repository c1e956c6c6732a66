//! Serving what is shared, until the person has enough or the files are not what they were.

use std::rc::Rc;
use std::sync::Arc;

use local_peer::Input;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::control::SwarmName;
use wire_protocol::ids::{FileId, GroupId};

use super::{Content, Share, Step};
use crate::screen::sharing as words;
use crate::sharing::Trouble;
use crate::worker::clock::Now;
use crate::worker::driver::Driver;
use crate::worker::storage::SourceReader;
use crate::worker::swarm::{Phase, Swarm};
use crate::worker::transfer::{Transfer, TransferConfig, engine_config};

/// How often it is looked whether the files are still what they were, milliseconds. (As often as `native-peer` does.)
const LOOK_EVERY_MS: u64 = 2_000;

impl Driver {
    /// Shares of this tab, oldest first, the ended ones included.
    pub(super) fn shares(&self) -> impl Iterator<Item = (u64, &Share)> {
        self.swarms.entries().filter_map(|(key, swarm)| Some((key, swarm.share.as_deref()?)))
    }

    pub(super) fn share_mut(&mut self, key: u64) -> Option<&mut Share> {
        self.swarms.get_mut(key)?.share.as_deref_mut()
    }

    /// Everything is hashed, and the group has the torrent under this card.
    pub(super) fn serve(&mut self, key: u64, file: FileId, now: Now) {
        let Some(before) = self.swarms.get(key).map(|swarm| swarm.id) else {
            return;
        };
        let id = SwarmName { file, ..before };
        if !self.take_over(key, id) {
            return;
        }
        let (handle, server, is_encrypted) = (self.handle.clone(), self.server.clone(), self.is_encrypted);
        let config = TransferConfig { key, handle, server, is_encrypted };
        let is_online = self.conversation.is_online();
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let engine = engine_config(&self.client, swarm.tuning);
        let Some(share) = &mut swarm.share else {
            return;
        };
        let Step::Hashed(info) = std::mem::replace(&mut share.step, Step::Ended) else {
            return;
        };
        let info = Arc::new(info);
        let reader = Rc::new(SourceReader::new(share.content.clone(), info.clone()));
        let mut transfer = Transfer::of_source(config, info, reader.clone(), share.local, engine, now);
        transfer.handle(Input::RelayAvailable(is_online), now);
        share.step = Step::Serving(reader);
        share.card.is_new &= before == id;
        swarm.id = id;
        swarm.phase = Phase::Running(Box::new(transfer));
        if before != id {
            self.leave(before);
            self.conversation.watch(id);
        }
        self.note_share(key);
        self.advance(key, now);
        self.urgent = true;
    }

    /// This tab may have the same file already: shared or complete, it stays as it is; on its way, it is here now. Whether
    /// the share goes on.
    fn take_over(&mut self, key: u64, id: SwarmName) -> bool {
        let Some(other) = self.swarms.key_of(id).filter(|other| *other != key) else {
            return true;
        };
        let is_there = |swarm: &Swarm| swarm.transfer().is_some_and(|transfer| transfer.peer.is_complete());
        if self.swarms.get(other).is_some_and(is_there) {
            if let Some(share) = self.swarms.remove(key) {
                self.leave(share.id);
                self.notice(words::already_line(&share.name));
            }
            self.urgent = true;
            return false;
        }
        if let Some(swarm) = self.swarms.remove(other) {
            self.leave(swarm.id);
        }
        true
    }

    /// Looks whether the files can still be read, where it is time.
    pub(in crate::worker) fn look_at_shares(&mut self, now: Now) {
        let due = |share: &Share| share.next_look_ms().is_some_and(|at_ms| at_ms <= now.ms());
        let due: Vec<u64> = self.shares().filter(|(_, share)| due(share)).map(|(key, _)| key).collect();
        for key in due {
            let handle = self.handle.clone();
            let Some(share) = self.share_mut(key) else {
                continue;
            };
            let (_, from) = share.next_look;
            share.next_look = (now.ms() + LOOK_EVERY_MS, Content::next_look(from));
            let look = share.content.look(from);
            spawn_local(async move {
                if let Err(trouble) = look.await {
                    handle.run(|driver| driver.on_share_trouble(key, &trouble));
                }
            });
        }
    }

    /// A piece that somebody asked for cannot be read. Whether that was of a share.
    pub(in crate::worker) fn on_source_failed(&mut self, key: u64) -> bool {
        let Some(share) = self.share_mut(key) else {
            return false;
        };
        if let Step::Serving(reader) = &share.step {
            let trouble = reader.trouble().unwrap_or(Trouble::Changed);
            self.on_share_trouble(key, &trouble);
        }
        true
    }

    /// Its files cannot be read.
    pub(super) fn on_share_trouble(&mut self, key: u64, trouble: &Trouble) {
        let Some(share) = self.share_mut(key) else {
            return;
        };
        match &share.step {
            Step::Ended => {}
            Step::Serving(_) => self.end_share(key, |name| words::sharing_ended_line(name, trouble)),
            _ => self.end_share(key, |name| words::not_hashed_line(name, trouble)),
        }
        self.hash_next();
    }

    /// It is not shared any more; the person reads why. `why`: from the name.
    pub(super) fn end_share(&mut self, key: u64, why: impl FnOnce(&str) -> String) {
        let is_for_nobody = self.is_for_nobody(key);
        self.forget_share_of(key);
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        if let Some(share) = &mut swarm.share {
            share.step = Step::Ended;
        }
        swarm.phase = Phase::Failed(why(&swarm.name));
        let id = swarm.id;
        self.leave(id);
        if is_for_nobody {
            self.take_out(id);
        }
        self.urgent = true;
    }

    /// The person wants to share it no more, or has read why it ended. Whether it is a share.
    pub(in crate::worker) fn stop_share(&mut self, key: u64) -> bool {
        if self.share_mut(key).is_none() {
            return false;
        }
        let is_for_nobody = self.is_for_nobody(key);
        self.forget_share_of(key);
        if let Some(swarm) = self.swarms.remove(key) {
            self.leave(swarm.id);
            if is_for_nobody {
                self.take_out(swarm.id);
            }
        }
        self.hash_next();
        self.urgent = true;
        true
    }

    /// The card is this share's, nobody has got anything, and nobody will: those who wait at it would wait for ever.
    fn is_for_nobody(&self, key: u64) -> bool {
        let Some(swarm) = self.swarms.get(key) else {
            return false;
        };
        let Some(share) = swarm.share.as_ref().filter(|share| share.card.is_new && !share.is_ended()) else {
            return false;
        };
        let group = self.conversation.groups().get(&swarm.id.group);
        let others = group.map_or(&[][..], |group| group.swarm(swarm.id.file));
        let has_other = others.iter().any(|other| other.progress.is_complete());
        let sent =
            swarm.transfer().and_then(|transfer| transfer.peer.engine()).map_or(0, |engine| engine.stats().uploaded);
        share.card.is_seen && !has_other && sent == 0
    }

    /// The person shares it again: nobody has to be told any more why it ended.
    pub(super) fn forget_ended(&mut self, group: GroupId, name: &str) {
        let is_it = |swarm: &Swarm| {
            let is_ended = swarm.share.as_ref().is_some_and(|share| share.is_ended());
            is_ended && swarm.id.group == group && swarm.name == name
        };
        let ended: Vec<u64> = self.swarms.entries().filter(|(_, swarm)| is_it(swarm)).map(|(key, _)| key).collect();
        ended.into_iter().for_each(|key| drop(self.swarms.remove(key)));
    }
}
