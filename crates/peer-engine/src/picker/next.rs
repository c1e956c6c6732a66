//! The next block for a peer: the order of choice.

use std::collections::VecDeque;
use std::ops::Range;
use std::time::Duration;

use peer_wire::Block;

use super::partial::Partial;
use super::{Picker, choose, intersect};
use crate::config::PiecePolicy;
use crate::ids::LinkKey;
use crate::piece_set::PieceSet;
use crate::time::Timestamp;

/// Partials looked at for an endgame block.
const ENDGAME_PARTIALS_MAX: usize = 200;
/// A holder that needs this much longer than the fastest does not get a block that is due soon.
const SLACK_MS: u64 = 250;
/// A block of the window that is due within this time may be asked of a second peer, if that one would bring it
/// sooner: some pieces ahead, since a slow holder that began one is found out only while it sends. (Simulated: of ten
/// who watch together somebody stalls in 17 of 200 runs with a second, in one with three.)
const LATE_WITHIN: Duration = Duration::from_secs(3);

/// Whether somebody reads from the window.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Watched(bool);

/// A peer that could be asked.
#[derive(Debug)]
pub struct Holder<'a> {
    pub link: LinkKey,
    /// What it has.
    pub pieces: &'a PieceSet,
    /// What it advises to take; used up.
    pub suggested: &'a mut VecDeque<u32>,
    /// It may have lied: it gets pieces of its own only.
    pub on_parole: bool,
    /// How long its outstanding requests will take.
    pub wait_ms: u64,
    /// Nothing is asked of it.
    pub is_idle: bool,
    /// The budgets leave room for another piece.
    pub may_begin: bool,
}

/// What the picker needs to know of the peers that are not being asked right now.
pub trait Waits {
    /// How long this peer's outstanding requests will take.
    fn wait_ms(&self, link: LinkKey) -> u64;
    /// Bytes per second from this peer.
    fn rate(&self, link: LinkKey) -> u64;
    /// The shortest wait among those that could be asked for this piece.
    fn shortest_wait_ms(&self, piece: u32) -> Option<u64>;
}

impl Picker {
    /// The next block to ask of `holder`. `current` is the piece it is filling.
    pub fn pick(
        &mut self,
        mut holder: Holder,
        current: &mut Option<u32>,
        waits: &impl Waits,
        now: Timestamp,
    ) -> Option<Block> {
        let link = holder.link;
        let fills =
            |picker: &Self, piece: u32| picker.pickable.contains(piece) && picker.partials[&piece].owner == Some(link);
        let piece = self
            .in_window(&holder, waits, Watched(true), now)
            .or_else(|| current.filter(|piece| fills(self, *piece)))
            .or_else(|| self.next_piece(&mut holder, waits, now));
        if let Some(piece) = piece {
            *current = Some(piece);
            let index = self.partials.get_mut(&piece)?.take_free(link)?;
            self.refresh(piece);
            return Some(self.layout.block(piece, index));
        }
        if holder.on_parole {
            return None;
        }
        self.pick_late(&holder, waits, now).or_else(|| self.pick_again(&holder, waits))
    }

    fn next_piece(&mut self, holder: &mut Holder, waits: &impl Waits, now: Timestamp) -> Option<u32> {
        let own = self.own(holder.link);
        if own.is_some() || holder.on_parole {
            return own
                .or_else(|| self.in_window(holder, waits, Watched(false), now))
                .or_else(|| self.begin(holder, waits));
        }
        self.adopt_own_half(holder)
            .or_else(|| self.begin_advised(holder))
            .or_else(|| self.in_window(holder, waits, Watched(false), now))
            .or_else(|| self.adopt_orphan(holder.link, holder.pieces))
            .or_else(|| self.begin(holder, waits))
            .or_else(|| self.join(holder.pieces))
    }

    /// What came of a piece that only this holder has, before it choked us, is completed first: otherwise a
    /// slow one could leave us with many halves and nothing whole.
    fn adopt_own_half(&mut self, holder: &Holder) -> Option<u32> {
        let is_own_half =
            |piece: &u32| self.availability.count(*piece) == 1 && self.partials[piece].bytes_received() > 0;
        let piece = self.orphans.common(holder.pieces).find(is_own_half)?;
        self.adopt(piece, holder.link)
    }

    /// A piece that it advises and that only complete peers have: they want each piece out of their hands once,
    /// so that comes before completing what others can complete. With `equal-split` only a lone seeder's
    /// advice counts: several have a share each.
    fn begin_advised(&mut self, holder: &mut Holder) -> Option<u32> {
        if !self.can_begin(holder) {
            return None;
        }
        let holders_max = match self.policy {
            PiecePolicy::Random => return None,
            PiecePolicy::EqualSplit { .. } => 1,
            PiecePolicy::RarestFirst | PiecePolicy::Sequential => self.availability.seeders().max(1),
        };
        while let Some(piece) = holder.suggested.pop_front() {
            let is_wanted = self.open.contains(piece) && holder.pieces.contains(piece);
            if is_wanted && self.availability.count(piece) <= holders_max {
                return Some(self.begin_piece(piece, holder));
            }
        }
        None
    }

    /// A piece that this link was filling before something urgent led it elsewhere.
    fn own(&self, link: LinkKey) -> Option<u32> {
        self.pickable.iter().find(|piece| self.partials[piece].owner == Some(link))
    }

    fn adopt_orphan(&mut self, link: LinkKey, pieces: &PieceSet) -> Option<u32> {
        let piece = self.orphans.common(pieces).next()?;
        self.adopt(piece, link)
    }

    fn adopt(&mut self, piece: u32, link: LinkKey) -> Option<u32> {
        self.partials.get_mut(&piece)?.owner = Some(link);
        self.orphans.remove(piece);
        Some(piece)
    }

    fn begin(&mut self, holder: &mut Holder, waits: &impl Waits) -> Option<u32> {
        if !self.can_begin(holder) {
            return None;
        }
        let piece = self.next_open(holder, waits)?;
        Some(self.begin_piece(piece, holder))
    }

    /// With nothing begun a piece may be, however long.
    fn can_begin(&self, holder: &Holder) -> bool {
        holder.may_begin || self.partials.is_empty()
    }

    fn begin_piece(&mut self, piece: u32, holder: &Holder) -> u32 {
        self.open.remove(piece);
        self.pickable.insert(piece);
        let exclusive = holder.on_parole || self.suspects.contains(piece);
        self.partials.insert(piece, Partial::new(self.layout.blocks(piece), holder.link, exclusive));
        piece
    }

    /// A piece that nobody has begun. Suspects first: what comes of them finds the liar.
    fn next_open(&mut self, holder: &mut Holder, waits: &impl Waits) -> Option<u32> {
        let suspect = self.suspects.iter().find(|piece| self.open.contains(*piece) && holder.pieces.contains(*piece));
        if suspect.is_some() {
            return suspect;
        }
        let policy = choose::effective(self.policy, self.have.count());
        if let PiecePolicy::EqualSplit { by_rate } = policy {
            let cost =
                |owner, pieces: u64| if by_rate { pieces * 1_000_000_000 / waits.rate(owner).max(1) } else { pieces };
            return self.shares.next(holder.link, &self.open, holder.pieces, cost);
        }
        intersect(&mut self.mask, &self.open, holder.pieces);
        choose::choose(policy, &mut self.mask, &self.availability, &mut self.rng)
    }

    /// A piece that another peer is filling: the one with the most left to do.
    fn join(&mut self, pieces: &PieceSet) -> Option<u32> {
        let candidates =
            self.pickable.iter().filter(|piece| pieces.contains(*piece) && !self.partials[piece].exclusive);
        candidates.max_by_key(|piece| self.partials[piece].free())
    }

    /// `sequential`: the first piece of the window with a free block, begun or not, that this holder is
    /// fast enough for. While somebody watches it comes before everything else, otherwise after what a lone
    /// seeder advises: `watched` says which of the two is asked for.
    fn in_window(&mut self, holder: &Holder, waits: &impl Waits, watched: Watched, now: Timestamp) -> Option<u32> {
        if self.policy != PiecePolicy::Sequential || watched != Watched(self.stream.is_playing()) {
            return None;
        }
        let Range { start, end } = self.stream.window(now);
        let is_free = |piece: &u32| match self.partials.get(piece) {
            Some(partial) => {
                let own = partial.owner == Some(holder.link);
                partial.free() > 0 && (own || !(partial.exclusive || holder.on_parole))
            }
            None => self.open.contains(*piece) && self.can_begin(holder),
        };
        let piece = holder
            .pieces
            .common_in(holder.pieces, start, end)
            .filter(is_free)
            .find(|piece| self.is_fast_enough(holder, *piece, waits, now))?;
        Some(if self.open.contains(piece) { self.begin_piece(piece, holder) } else { piece })
    }

    /// A block that is due soon goes to the holder with the shortest queue.
    fn is_fast_enough(&self, holder: &Holder, piece: u32, waits: &impl Waits, now: Timestamp) -> bool {
        let Some(deadline) = self.stream.deadline(piece) else {
            return true;
        };
        let is_in_time = now + Duration::from_millis(holder.wait_ms + SLACK_MS) < deadline;
        is_in_time || waits.shortest_wait_ms(piece).is_none_or(|shortest| holder.wait_ms <= 2 * shortest + SLACK_MS)
    }

    /// A block of the window that is late and that this holder would bring sooner.
    fn pick_late(&mut self, holder: &Holder, waits: &impl Waits, now: Timestamp) -> Option<Block> {
        if self.policy != PiecePolicy::Sequential {
            return None;
        }
        let Range { start, end } = self.stream.window(now);
        let is_late = |piece: &u32| self.stream.deadline(*piece).is_some_and(|due| due < now + LATE_WITHIN);
        let late = self.partials.range(start..end).filter(|(piece, _)| is_late(piece));
        let of_holder = late.filter(|(piece, partial)| holder.pieces.contains(**piece) && !partial.exclusive);
        let found = of_holder
            .flat_map(|(piece, partial)| {
                partial.asked_once_of_others(holder.link).map(|(index, other)| (*piece, index, other))
            })
            .find(|(_, _, other)| waits.wait_ms(*other) > 2 * holder.wait_ms + SLACK_MS);
        let (piece, index, _) = found?;
        self.partials.get_mut(&piece)?.ask_again(index, holder.link);
        Some(self.layout.block(piece, index))
    }

    /// Endgame, when every block that is missing was asked of somebody: a block that one other peer was asked for, the one whose
    /// holder needs longest. Of a holder whose pipe is empty at any rate; of another only while it would bring it much
    /// sooner. (One at a time would cost a fast holder a round trip for each block that a slow one has queued.)
    fn pick_again(&mut self, holder: &Holder, waits: &impl Waits) -> Option<Block> {
        if !self.open.is_empty() || !self.pickable.is_empty() {
            return None;
        }
        let of_holder =
            self.partials.iter().filter(|(piece, partial)| holder.pieces.contains(**piece) && !partial.exclusive);
        let blocks = of_holder.take(ENDGAME_PARTIALS_MAX).flat_map(|(piece, partial)| {
            partial.asked_once_of_others(holder.link).map(|(index, other)| (*piece, index, other))
        });
        let (piece, index, other) = blocks.max_by_key(|(_, _, other)| waits.wait_ms(*other))?;
        if !holder.is_idle && waits.wait_ms(other) <= 2 * holder.wait_ms + SLACK_MS {
            return None;
        }
        self.partials.get_mut(&piece)?.ask_again(index, holder.link);
        Some(self.layout.block(piece, index))
    }
}
