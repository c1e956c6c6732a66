//! The card of what is shared: a card is its torrent (decision 29), so a group has it once, whoever shares it.

use std::rc::Rc;

use membership::{AddFile, Ask, Group, RemoveFile};
use metainfo::Info;
use wire_protocol::control::{Announce, FileCard, Offers, Progress, Refusal, SwarmName};
use wire_protocol::ids::{FileId, GroupId};
use wire_protocol::text::file_name;

use super::{Hashed, Hashing, Share, Step};
use crate::screen::refusals::refusal_line;
use crate::screen::sharing as words;
use crate::sharing::{HashPlan, Pace};
use crate::tuning::Tuning;
use crate::worker::clock::Now;
use crate::worker::crypto::random;
use crate::worker::driver::Driver;
use crate::worker::pending::Purpose;
use crate::worker::swarm::Swarm;

impl Driver {
    /// A swarm for it, and the card that the group has of it: one of the same name and length is likely to be it, or this
    /// person left it without a torrent. Or a new one.
    pub(super) fn add_share(&mut self, group: GroupId, name: &str, mut share: Share, tuning: Tuning) {
        let (own, len, shown) = (self.conversation.member(), share.content.len(), file_name(name));
        let is_left =
            |card: &&FileCard| card.torrent.is_none() && card.added_by == own && card.size == len && card.name == shown;
        let known = self.conversation.groups().get(&group);
        let same = known.and_then(|known| known.published(&shown, len).or_else(|| known.files.iter().find(is_left)));
        let card = same.map(|card| (card.file, card.torrent.is_none()));
        self.forget_ended(group, &shown);
        // What this tab fetches or shares already is compared when the hashes are there.
        let card = card.filter(|(file, _)| self.swarms.key_of_file(*file).is_none());
        let (file, is_new) = card.unwrap_or_else(|| (FileId(random()), true));
        (share.card.is_new, share.card.is_seen) = (is_new, card.is_some());
        let id = SwarmName { group, file };
        if card.is_none() {
            let question = AddFile { group, file, name: name.to_owned(), size: len };
            self.ask_raw(question.request(), Purpose::AddCard(id));
        }
        self.swarms.add(Swarm::of_share(id, shown, len, tuning, share));
        self.conversation.watch(id);
        self.urgent = true;
    }

    /// The tracker has the card, or will not.
    pub(in crate::worker) fn on_card_added(&mut self, id: SwarmName, outcome: Result<(), Refusal>) {
        if let (Some(key), Err(refusal)) = (self.swarms.key_of(id), outcome) {
            self.end_share(key, |name| words::not_added_line(name, &refusal_line(&refusal)));
        }
    }

    /// Begins to hash what waits longest, if nothing is hashed: one at a time is what a disk likes.
    pub(super) fn hash_next(&mut self) {
        if self.shares().any(|(_, share)| share.is_hashing()) {
            return;
        }
        let waits = |(_, share): &(u64, &Share)| matches!(share.step, Step::Waiting(..));
        let Some(key) = self.shares().find(waits).map(|(key, _)| key) else {
            return;
        };
        let handle = self.handle.clone();
        let Some(share) = self.share_mut(key) else {
            return;
        };
        match share.take_waiting() {
            None => {}
            Some((builder, Some(known))) => return self.check_share(key, builder, known),
            Some((builder, None)) => {
                let (layout, content) = (*builder.layout(), Rc::clone(&share.content));
                let hashing = Hashing::start(&handle, key, &content, HashPlan::new(layout), layout.nominal_piece_len());
                let (left, pace) = (layout.pieces(), Pace::new(Now::read().ms()));
                share.step = Step::Hashing(Box::new(Hashed { builder, left, pace, _hashing: hashing }));
            }
        }
        self.tell_preparing(key);
    }

    /// Some pieces, from the piece `first` on, are hashed.
    pub(super) fn on_hashed(&mut self, key: u64, first: u32, digests: &[[u8; 20]]) {
        let now = Now::read();
        let Some(share) = self.share_mut(key) else {
            return;
        };
        let Step::Hashing(hashed) = &mut share.step else {
            return;
        };
        for (piece, digest) in (first..).zip(digests) {
            hashed.builder.set_digest(piece, *digest);
            hashed.pace.add(u64::from(hashed.builder.layout().piece_len(piece)), now.ms());
            hashed.left -= 1;
        }
        if hashed.left > 0 {
            return self.tell_preparing(key);
        }
        if let Step::Hashing(hashed) = std::mem::replace(&mut share.step, Step::Ended) {
            match hashed.builder.finish() {
                Ok(info) => share.step = Step::Hashed(info),
                Err(error) => self.end_share(key, |name| words::no_torrent_line(name, &error)),
            }
        }
        self.hash_next();
        self.settle_share(key, now);
        self.urgent = true;
    }

    /// Tells the group how far the hashing is, a thousandth at a time.
    fn tell_preparing(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let (id, Some(share)) = (swarm.id, swarm.share.as_deref_mut()) else {
            return;
        };
        let per_mille = match &share.step {
            Step::Waiting(..) => 0,
            Step::Hashing(hashed) => {
                let total = hashed.builder.layout().total_len();
                (u128::from(hashed.pace.done()) * 1000 / u128::from(total.max(1))) as u16
            }
            _ => return,
        };
        // Of a card that it does not have yet the tracker would say so.
        if share.card.is_seen && share.card.told != Some(per_mille) {
            share.card.told = Some(per_mille);
            let (progress, offers) = (Progress::Preparing(per_mille), Offers::default());
            self.conversation.announce(Announce { swarm: id, peer: share.local, progress, listen: None, offers });
        }
    }

    /// The group changed, or the share is a step further: goes as far as the group's state allows.
    pub(in crate::worker) fn settle_share(&mut self, key: u64, now: Now) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let (id, Some(share)) = (swarm.id, swarm.share.as_deref_mut()) else {
            return;
        };
        let Some(group) = self.conversation.groups().get(&id.group) else {
            return;
        };
        let card = group.file(id.file);
        let is_news = card.is_some() && !share.card.is_seen;
        share.card.is_seen |= card.is_some();
        match next(group, id.file, share) {
            Next::Wait => {}
            Next::Gone => self.on_taken_out(key, id.file),
            Next::Serve(file) => self.serve(key, file, now),
            Next::Publish => self.publish(key),
            Next::AddAnother => self.add_another_card(key),
        }
        if is_news {
            self.tell_preparing(key);
        }
    }

    fn publish(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        if let (id, Some(Share { step: Step::Hashed(info), card, .. })) = (swarm.id, swarm.share.as_deref_mut()) {
            card.is_published = true;
            let (info_hash, raw, pieces) = (info.info_hash(), info.raw().clone(), info.layout().pieces());
            self.conversation.publish_torrent(id, info_hash, raw, pieces);
        }
    }

    /// The tracker has the torrent, or will not. If the group had it already, it has taken the card out: the share goes on
    /// at the other one.
    pub(in crate::worker) fn on_published(&mut self, id: SwarmName, outcome: Result<(), Refusal>, now: Now) {
        let Some(key) = self.swarms.key_of(id) else {
            return;
        };
        match outcome {
            Ok(()) => self.settle_share(key, now),
            Err(refusal) => self.end_share(key, |name| words::not_added_line(name, &refusal_line(&refusal))),
        }
    }

    /// The card that looked like it is that of something else.
    fn add_another_card(&mut self, key: u64) {
        let Some(swarm) = self.swarms.get_mut(key) else {
            return;
        };
        let (before, Some(share)) = (swarm.id, swarm.share.as_deref_mut()) else {
            return;
        };
        let Step::Hashed(info) = &share.step else {
            return;
        };
        let id = SwarmName { group: before.group, file: FileId(random()) };
        let question = AddFile { group: id.group, file: id.file, name: info.name().to_owned(), size: swarm.size };
        share.card = super::Card { is_new: true, ..super::Card::default() };
        swarm.id = id;
        self.leave(before);
        self.ask_raw(question.request(), Purpose::AddCard(id));
        self.conversation.watch(id);
    }

    /// Somebody has removed it from the group; if it was this person, they know.
    fn on_taken_out(&mut self, key: u64, file: FileId) {
        if self.pending.removes(file) {
            self.stop_share(key);
        } else {
            self.end_share(key, words::removed_line);
        }
    }

    /// What nobody got anything of and nobody will leaves no card behind that others would wait at.
    pub(super) fn take_out(&mut self, id: SwarmName) {
        // Nobody waits for the answer: there is nothing to mend if it is gone already.
        self.conversation.request(RemoveFile { group: id.group, file: id.file }.request());
    }
}

/// What comes next for a share.
enum Next {
    /// Its hashes, the tracker, or the group's news.
    Wait,
    /// Somebody has taken it out of the group.
    Gone,
    /// The group knows the torrent, under this card.
    Serve(FileId),
    /// The group is given the torrent.
    Publish,
    /// It needs another card.
    AddAnother,
}

fn next(group: &Group, file: FileId, share: &Share) -> Next {
    let card = group.file(file);
    if share.is_ended() {
        return Next::Wait;
    }
    let Step::Hashed(info) = &share.step else {
        return if card.is_none() && share.card.is_seen { Next::Gone } else { Next::Wait };
    };
    match (known(group, info), card) {
        (Some(known), Some(_)) if known == file => Next::Serve(known),
        // Another card has it: the tracker takes this one out for it.
        (_, Some(card)) if card.torrent.is_none() && !share.card.is_published => Next::Publish,
        (_, Some(card)) if card.torrent.is_none() => Next::Wait,
        (None, Some(_)) => Next::AddAnother,
        // The card is on its way here, or the one that the group has instead.
        (_, None) if !share.card.is_seen => Next::Wait,
        (None, None) if share.card.is_published => Next::Wait,
        (None, None) => Next::Gone,
        (Some(known), _) => Next::Serve(known),
    }
}

fn known(group: &Group, info: &Info) -> Option<FileId> {
    group.file_of(info.info_hash()).map(|card| card.file)
}
