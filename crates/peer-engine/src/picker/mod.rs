//! Which block to ask of a peer next.
//!
//! ```text
//!   a piece is in exactly one of:
//!
//!     open ──begin──► partial ──last block──► verifying ──hash right, stored──► have
//!      ▲                 │                        │
//!      └──── reset ──────┴────── hash wrong ──────┘
//! ```
//!
//! A peer fills one piece at a time (its *current* piece, whose owner it is), so that most pieces
//! have one sender and a wrong hash names the liar. Order of choice when it needs another piece:
//! orphans (partials whose owner is gone), a new piece by policy, then pieces that others
//! are filling, and with nothing left and an empty pipe one block that somebody else was asked for
//! (endgame).

mod choose;
mod partial;

use std::collections::{BTreeMap, VecDeque};

use bytes::Bytes;
use metainfo::Layout;
use wire_protocol::peer_wire::Block;

use partial::Partial;
pub use partial::Sender;

use crate::availability::Availability;
use crate::config::PiecePolicy;
use crate::io::{LinkKey, PieceData};
use crate::piece_set::PieceSet;

/// Partials looked at for an endgame block.
const ENDGAME_PARTIALS_MAX: usize = 200;

/// The pieces of one torrent and who is asked for what.
#[derive(Debug)]
pub struct Picker {
    layout: Layout,
    policy: PiecePolicy,
    have: PieceSet,
    open: PieceSet,
    partials: BTreeMap<u32, Partial>,
    /// Partials with a free block.
    pickable: PieceSet,
    /// Pickable partials without an owner.
    orphans: PieceSet,
    /// Pieces whose hash was wrong with several senders: to be fetched from one peer alone.
    suspects: PieceSet,
    pub availability: Availability,
    /// Bytes of received blocks in partials.
    bytes_partial: u64,
    rng: fastrand::Rng,
    mask: Vec<u64>,
}

/// A peer that could be asked.
#[derive(Debug)]
pub struct Holder<'a> {
    pub link: LinkKey,
    /// What it has.
    pub pieces: &'a PieceSet,
    /// What it advises to take; used up.
    pub suggested: &'a mut VecDeque<u32>,
}

/// What an accepted block leads to.
#[derive(Debug, Default)]
pub struct Received {
    /// Others who were asked for it: cancel there.
    pub cancel: Vec<LinkKey>,
    /// The piece is complete: take it with [`Picker::take_complete`].
    pub completes_piece: bool,
}

impl Picker {
    pub fn new(layout: Layout, have: PieceSet, policy: PiecePolicy, rng: fastrand::Rng) -> Self {
        let pieces = layout.pieces();
        let mut open = PieceSet::all(pieces);
        have.iter().for_each(|piece| {
            open.remove(piece);
        });
        Self {
            layout,
            policy,
            have,
            open,
            partials: BTreeMap::new(),
            pickable: PieceSet::none(pieces),
            orphans: PieceSet::none(pieces),
            suspects: PieceSet::none(pieces),
            availability: Availability::new(pieces),
            bytes_partial: 0,
            rng,
            mask: Vec::new(),
        }
    }

    pub fn set_policy(&mut self, policy: PiecePolicy) {
        self.policy = policy;
    }

    /// Verified and stored pieces.
    pub fn have(&self) -> &PieceSet {
        &self.have
    }

    /// Not begun.
    pub fn is_open(&self, piece: u32) -> bool {
        self.open.contains(piece)
    }

    /// Bytes of received blocks in partials.
    pub fn bytes_partial(&self) -> u64 {
        self.bytes_partial
    }

    /// A block for `holder` that nobody was asked for. `current` is the piece it is filling.
    pub fn pick(&mut self, mut holder: Holder, current: &mut Option<u32>) -> Option<Block> {
        let link = holder.link;
        let fills = |piece: &u32| self.pickable.contains(*piece) && self.partials[piece].owner == Some(link);
        let piece = match current.filter(fills) {
            Some(piece) => piece,
            None => self.next_piece(&mut holder)?,
        };
        *current = Some(piece);
        let partial = self.partials.get_mut(&piece)?;
        let index = partial.take_free(link)?;
        self.refresh(piece);
        Some(self.layout.block(piece, index))
    }

    fn next_piece(&mut self, holder: &mut Holder) -> Option<u32> {
        let pieces = holder.pieces;
        self.adopt_orphan(holder.link, pieces).or_else(|| self.begin(holder)).or_else(|| self.join(pieces))
    }

    fn adopt_orphan(&mut self, link: LinkKey, pieces: &PieceSet) -> Option<u32> {
        intersect(&mut self.mask, &self.orphans, pieces);
        let piece = choose::first(&self.mask)?;
        self.partials.get_mut(&piece)?.owner = Some(link);
        self.orphans.remove(piece);
        Some(piece)
    }

    fn begin(&mut self, holder: &mut Holder) -> Option<u32> {
        intersect(&mut self.mask, &self.open, holder.pieces);
        let policy = choose::effective(self.policy, self.have.count());
        let mut piece = choose::choose(policy, &mut self.mask, &self.availability, &mut self.rng)?;
        if let Some(advised) = self.advised(policy, holder, piece) {
            piece = advised;
        }
        let link = holder.link;
        self.open.remove(piece);
        self.pickable.insert(piece);
        let exclusive = self.suspects.contains(piece);
        self.partials.insert(piece, Partial::new(self.layout.blocks(piece), link, exclusive));
        Some(piece)
    }

    /// A piece that the holder advises, if it is no commoner than the one chosen.
    fn advised(&self, policy: PiecePolicy, holder: &mut Holder, chosen: u32) -> Option<u32> {
        if policy == PiecePolicy::Sequential {
            return None;
        }
        let rarity = self.availability.count(chosen);
        let is_good = |piece: u32| {
            self.open.contains(piece) && holder.pieces.contains(piece) && self.availability.count(piece) <= rarity
        };
        while let Some(piece) = holder.suggested.pop_front() {
            if is_good(piece) {
                return Some(piece);
            }
        }
        None
    }

    /// A piece that another peer is filling: the one with the most left to do.
    fn join(&mut self, pieces: &PieceSet) -> Option<u32> {
        let candidates =
            self.pickable.iter().filter(|piece| pieces.contains(*piece) && !self.partials[piece].exclusive);
        candidates.max_by_key(|piece| self.partials[piece].free())
    }

    /// Endgame, when every block that is missing was asked of somebody: a block that one other peer
    /// was asked for, the one whose holder needs longest.
    pub fn pick_again(&mut self, link: LinkKey, pieces: &PieceSet, wait_ms: impl Fn(LinkKey) -> u64) -> Option<Block> {
        if !self.open.is_empty() || !self.pickable.is_empty() {
            return None;
        }
        let candidates = self.partials.iter().filter(|(piece, partial)| pieces.contains(**piece) && !partial.exclusive);
        let blocks = candidates.take(ENDGAME_PARTIALS_MAX).flat_map(|(piece, partial)| {
            partial.asked_once_of_others(link).map(|(index, holder)| (*piece, index, holder))
        });
        let (piece, index, _) = blocks.max_by_key(|(_, _, holder)| wait_ms(*holder))?;
        self.partials.get_mut(&piece)?.ask_again(index, link);
        Some(self.layout.block(piece, index))
    }

    /// `link` will not send this block.
    pub fn release(&mut self, link: LinkKey, block: &Block) {
        let (Some(index), Some(partial)) = (self.layout.block_index(block), self.partials.get_mut(&block.piece)) else {
            return;
        };
        if !partial.release(index, link) {
            return;
        }
        if partial.exclusive && partial.owner == Some(link) {
            self.reset(block.piece);
            return;
        }
        if partial.owner == Some(link) {
            partial.owner = None;
        }
        self.refresh(block.piece);
    }

    /// `link` stops filling its current piece (choked, snubbed, closed). Release its requests first.
    pub fn abandon(&mut self, link: LinkKey, piece: u32) {
        let Some(partial) = self.partials.get_mut(&piece).filter(|partial| partial.owner == Some(link)) else {
            return;
        };
        if partial.exclusive {
            self.reset(piece);
            return;
        }
        partial.owner = None;
        self.refresh(piece);
    }

    /// A block came from `sender`. `None`: not needed.
    pub fn receive(&mut self, block: &Block, data: Bytes, sender: Sender) -> Option<Received> {
        let index = self.layout.block_index(block)?;
        let partial = self.partials.get_mut(&block.piece)?;
        if partial.exclusive && partial.owner != Some(sender.link) {
            return None;
        }
        let len = data.len() as u64;
        let cancel = partial.receive(index, data, sender)?;
        self.bytes_partial += len;
        let completes_piece = partial.is_complete();
        self.refresh(block.piece);
        Some(Received { cancel, completes_piece })
    }

    /// The piece goes to be verified.
    pub fn take_complete(&mut self, piece: u32) -> Option<(PieceData, Vec<Sender>)> {
        Some(self.remove_partial(piece)?.into_data())
    }

    /// The piece is verified and stored.
    pub fn on_stored(&mut self, piece: u32) {
        self.suspects.remove(piece);
        self.have.insert(piece);
    }

    /// The piece's hash was wrong. With several senders nobody can be blamed yet.
    pub fn on_failed(&mut self, piece: u32, several_senders: bool) {
        if several_senders {
            self.suspects.insert(piece);
        }
        self.open.insert(piece);
    }

    /// Forgets blocks of peers that turned out to lie. Returns bytes dropped.
    pub fn drop_received(&mut self, is_liar: impl Fn(&Sender) -> bool) -> u64 {
        let pieces: Vec<u32> = self.partials.keys().copied().collect();
        let mut dropped = 0;
        for piece in pieces {
            if let Some(partial) = self.partials.get_mut(&piece) {
                dropped += partial.drop_received(&is_liar);
            }
            self.refresh(piece);
        }
        self.bytes_partial -= dropped;
        dropped
    }

    /// Back to open, with everything that came for it dropped.
    fn reset(&mut self, piece: u32) {
        self.remove_partial(piece);
        self.open.insert(piece);
    }

    fn remove_partial(&mut self, piece: u32) -> Option<Partial> {
        let partial = self.partials.remove(&piece)?;
        self.pickable.remove(piece);
        self.orphans.remove(piece);
        self.bytes_partial -= partial.bytes_received();
        Some(partial)
    }

    /// Puts a partial into the sets that its state asks for.
    fn refresh(&mut self, piece: u32) {
        let Some(partial) = self.partials.get(&piece) else {
            return;
        };
        let (is_pickable, is_orphan) = (partial.free() > 0, partial.free() > 0 && partial.owner.is_none());
        set_to(&mut self.pickable, piece, is_pickable);
        set_to(&mut self.orphans, piece, is_orphan);
    }

    /// Checks the partition and the derived sets against a recount. For tests and the simulator.
    pub fn check(&self) {
        let received: u64 = self.partials.values().map(Partial::bytes_received).sum();
        assert_eq!(self.bytes_partial, received, "bytes in partials");
        for piece in 0..self.layout.pieces() {
            let partial = self.partials.get(&piece);
            let states = [self.open.contains(piece), partial.is_some(), self.have.contains(piece)];
            assert!(states.iter().filter(|is| **is).count() <= 1, "piece {piece} is in several states: {states:?}");
            assert_eq!(self.pickable.contains(piece), partial.is_some_and(|p| p.free() > 0), "pickable {piece}");
            let is_orphan = partial.is_some_and(|p| p.free() > 0 && p.owner.is_none());
            assert_eq!(self.orphans.contains(piece), is_orphan, "orphan {piece}");
        }
    }

    /// Every request as the picker knows it. For tests and the simulator.
    pub fn requests(&self) -> Vec<(LinkKey, Block)> {
        self.partials.iter().flat_map(|(piece, partial)| partial.requests(*piece, &self.layout)).collect()
    }
}

fn intersect(mask: &mut Vec<u64>, a: &PieceSet, b: &PieceSet) {
    mask.clear();
    mask.extend(a.words().iter().zip(b.words()).map(|(a, b)| a & b));
}

fn set_to(set: &mut PieceSet, piece: u32, is: bool) {
    if is {
        set.insert(piece);
    } else {
        set.remove(piece);
    }
}
