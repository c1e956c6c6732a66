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
//! What is not wanted is not open, and is not begun.
//!
//! What is chosen lies in `next`, by policy: `choose` (rarest-first, random), `stream` (sequential with a
//! window), `shares` (equal-split). This file keeps the states.
//!
//! A peer fills one piece at a time (its *current* piece, whose owner it is), so that most pieces
//! have one sender and a wrong hash names the liar. Order of choice when it needs another piece:
//! half a piece of which it is the only holder, one that it advises and only complete peers have, orphans
//! (partials whose owner is gone), a new piece by policy, then pieces that others are filling, and with
//! nothing left a block that somebody else was asked for and will bring later (endgame).

mod choose;
mod next;
mod partial;
mod possession;
mod shares;
mod stream;

use std::collections::{BTreeMap, BTreeSet};

use bytes::Bytes;
use metainfo::Layout;
use peer_wire::Block;

pub use next::{Holder, Waits};
use partial::Partial;
pub use partial::{Complete, Sender};

use shares::Shares;
use stream::Stream;

use crate::availability::Availability;
use crate::config::PiecePolicy;
use crate::ids::LinkKey;
use crate::piece_set::PieceSet;
use crate::time::Timestamp;

/// The pieces of one torrent and who is asked for what.
#[derive(Debug)]
pub struct Picker {
    layout: Layout,
    policy: PiecePolicy,
    have: PieceSet,
    wanted: PieceSet,
    /// Wanted pieces that are neither here nor verified.
    lacking: u32,
    open: PieceSet,
    partials: BTreeMap<u32, Partial>,
    /// Whole, and not stored yet.
    verifying: BTreeSet<u32>,
    /// Partials with a free block.
    pickable: PieceSet,
    /// Pickable partials without an owner.
    orphans: PieceSet,
    /// Pieces whose hash was wrong with several senders: to be fetched from one peer alone.
    suspects: PieceSet,
    pub availability: Availability,
    /// Bytes of received blocks in partials.
    bytes_partial: u64,
    stream: Stream,
    shares: Shares,
    rng: fastrand::Rng,
    mask: Vec<u64>,
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
            wanted: PieceSet::all(pieces),
            lacking: pieces - have.count(),
            have,
            open,
            partials: BTreeMap::new(),
            verifying: BTreeSet::new(),
            pickable: PieceSet::none(pieces),
            orphans: PieceSet::none(pieces),
            suspects: PieceSet::none(pieces),
            availability: Availability::new(pieces),
            bytes_partial: 0,
            stream: Stream::new(layout.nominal_piece_len()),
            shares: Shares::default(),
            rng,
            mask: Vec::new(),
        }
    }

    /// Pieces that this peer has and of which something has not come yet.
    pub fn missing_at<'a>(&'a self, pieces: &'a PieceSet) -> impl Iterator<Item = u32> + 'a {
        let begun = self.partials.keys().copied().filter(|piece| pieces.contains(*piece));
        begun.chain(self.open.common(pieces))
    }

    /// Nobody but this peer is asked for the piece.
    pub fn is_only_for(&self, piece: u32, link: LinkKey) -> bool {
        self.partials.get(&piece).is_some_and(|partial| partial.exclusive && partial.owner == Some(link))
    }

    pub fn policy(&self) -> PiecePolicy {
        self.policy
    }

    pub fn set_policy(&mut self, policy: PiecePolicy) {
        self.policy = policy;
        self.shares = Shares::default();
        self.stream.stop();
    }

    /// Somebody plays from this piece on at this rate (`sequential`).
    pub fn play(&mut self, piece: u32, bytes_per_second: u64, now: Timestamp) {
        self.stream.play(piece, bytes_per_second, now);
    }

    /// Who can be asked now, with the rate of each (`equal-split`).
    pub fn on_holders(&mut self, holders: &[(LinkKey, u64)]) {
        let PiecePolicy::EqualSplit { by_rate } = self.policy else {
            return;
        };
        let known: Vec<u64> = holders.iter().map(|(_, rate)| *rate).filter(|rate| *rate > 0).collect();
        let usual = known.iter().sum::<u64>().checked_div(known.len() as u64).unwrap_or(1);
        let weight = |rate: u64| if by_rate { if rate > 0 { rate } else { usual } } else { 1 };
        let weighted: Vec<(LinkKey, u64)> = holders.iter().map(|(link, rate)| (*link, weight(*rate))).collect();
        self.shares.divide(&self.open, &weighted);
    }

    /// A holder is gone.
    pub fn on_holder_gone(&mut self, link: LinkKey) {
        self.shares.release(link);
    }

    /// Verified and stored pieces.
    pub fn have(&self) -> &PieceSet {
        &self.have
    }

    /// Only these pieces are begun from now on. What is on its way still comes; what nobody fills is dropped.
    pub fn set_wanted(&mut self, wanted: PieceSet) {
        self.wanted = wanted;
        self.lacking = self.wanted.count_lacking(&self.wanted, &self.have);
        self.open = PieceSet::none(self.layout.pieces());
        for piece in self.wanted.iter() {
            if !self.have.contains(piece) && !self.partials.contains_key(&piece) && !self.verifying.contains(&piece) {
                self.open.insert(piece);
            }
        }
        let unwanted: Vec<u32> = self.orphans.iter().filter(|piece| !self.wanted.contains(*piece)).collect();
        unwanted.into_iter().for_each(|piece| self.reset(piece));
        self.shares = Shares::default();
    }

    /// Pieces that are to be had.
    pub fn wanted(&self) -> &PieceSet {
        &self.wanted
    }

    /// Wanted, and not here.
    pub fn lacks(&self, piece: u32) -> bool {
        self.wanted.contains(piece) && !self.have.contains(piece)
    }

    /// Everything that is wanted is verified and stored.
    pub fn has_all_wanted(&self) -> bool {
        self.lacking == 0
    }

    /// Wanted and not begun.
    #[cfg(feature = "internals")]
    pub fn is_open(&self, piece: u32) -> bool {
        self.open.contains(piece)
    }

    /// Something of it is asked for, or here and not stored yet.
    pub fn is_begun(&self, piece: u32) -> bool {
        self.partials.contains_key(&piece) || self.verifying.contains(&piece)
    }

    /// What all partials will hold when they are complete, bytes.
    pub fn bytes_begun(&self) -> u64 {
        self.partials.len() as u64 * u64::from(self.layout.nominal_piece_len())
    }

    /// Bytes of received blocks in partials.
    pub fn bytes_partial(&self) -> u64 {
        self.bytes_partial
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

    /// `link` stops filling all its pieces.
    pub fn abandon_all(&mut self, link: LinkKey) {
        let own = self.partials.iter().filter(|(_, partial)| partial.owner == Some(link));
        let own: Vec<u32> = own.map(|(piece, _)| *piece).collect();
        own.into_iter().for_each(|piece| self.abandon(link, piece));
    }

    /// Drops the orphan with the least in it. `false`: there is none.
    pub fn reset_an_orphan(&mut self) -> bool {
        let least = self.orphans.iter().min_by_key(|piece| self.partials[piece].bytes_received());
        least.map(|piece| self.reset(piece)).is_some()
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
    pub fn take_complete(&mut self, piece: u32) -> Option<Complete> {
        let complete = self.remove_partial(piece)?.into_complete();
        self.verifying.insert(piece);
        Some(complete)
    }

    /// The piece is verified and stored.
    pub fn on_stored(&mut self, piece: u32) {
        self.suspects.remove(piece);
        self.verifying.remove(&piece);
        if self.have.insert(piece) && self.wanted.contains(piece) {
            self.lacking -= 1;
        }
        if let (PiecePolicy::Sequential, Some(missing)) = (self.policy, self.wanted.first_not_in(&self.have)) {
            self.stream.advance_to(missing);
        }
    }

    /// The piece's hash was wrong. With several senders nobody can be blamed yet.
    pub fn on_failed(&mut self, piece: u32, several_senders: bool) {
        if several_senders {
            self.suspects.insert(piece);
        }
        self.verifying.remove(&piece);
        self.reopen(piece);
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

    /// Back to open, so that a bench can pick it again.
    #[cfg(feature = "internals")]
    pub fn reset_for_benches(&mut self, piece: u32) {
        self.reset(piece);
    }

    /// Back to open, with everything that came for it dropped.
    fn reset(&mut self, piece: u32) {
        self.remove_partial(piece);
        self.reopen(piece);
    }

    fn reopen(&mut self, piece: u32) {
        if self.wanted.contains(piece) {
            self.open.insert(piece);
        }
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
        assert_eq!(self.lacking, self.wanted.count_lacking(&self.wanted, &self.have), "wanted and not here");
        for piece in 0..self.layout.pieces() {
            let partial = self.partials.get(&piece);
            let is_verifying = self.verifying.contains(&piece);
            let states = [self.open.contains(piece), partial.is_some(), is_verifying, self.have.contains(piece)];
            let count = states.iter().filter(|is| **is).count();
            assert!(count <= 1, "piece {piece} is in several states: {states:?}");
            assert!(count == 1 || !self.wanted.contains(piece), "piece {piece} is wanted and in no state");
            assert!(self.wanted.contains(piece) || !self.open.contains(piece), "piece {piece} is open and not wanted");
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
