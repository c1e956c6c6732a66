//! Which piece lies in which slot, and which slot is next to be used again: that of the least recently used piece among
//! those that were read to their end, since whoever read one passes it on; then that of the least recently used one.

use std::collections::BTreeMap;

/// What a slot holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Held {
    Nothing,
    /// Being written; nothing can be read yet.
    Coming(u32),
    Piece(u32),
}

#[derive(Debug)]
struct Slot {
    held: Held,
    /// Reads that are on their way.
    reads: u32,
    /// The end of the piece was read.
    is_done: bool,
    /// When it was used last, in uses of the cache.
    used: u64,
}

/// See the module.
#[derive(Debug)]
pub struct Cache {
    slots: Vec<Slot>,
    by_piece: BTreeMap<u32, usize>,
    uses: u64,
}

/// Where a piece is to be kept, and which one goes for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Place {
    pub slot: usize,
    pub evicted: Option<u32>,
}

impl Cache {
    pub fn new(slots: usize) -> Self {
        let slots = (0..slots).map(|_| Slot { held: Held::Nothing, reads: 0, is_done: false, used: 0 }).collect();
        Self { slots, by_piece: BTreeMap::new(), uses: 0 }
    }

    pub fn slots(&self) -> usize {
        self.slots.len()
    }

    /// It can be read.
    pub fn contains(&self, piece: u32) -> bool {
        self.by_piece.contains_key(&piece)
    }

    /// Begins to read a piece, up to its end or not. `None`: it is not here.
    pub fn read(&mut self, piece: u32, to_its_end: bool) -> Option<usize> {
        let at = *self.by_piece.get(&piece)?;
        self.uses += 1;
        let slot = &mut self.slots[at];
        (slot.used, slot.reads) = (self.uses, slot.reads + 1);
        slot.is_done |= to_its_end;
        Some(at)
    }

    /// A read is done.
    pub fn on_read(&mut self, slot: usize) {
        if let Some(slot) = self.slots.get_mut(slot) {
            slot.reads = slot.reads.saturating_sub(1);
        }
    }

    /// Makes room for a piece: in an empty slot, or in place of a piece that nobody reads or waits for (see the module).
    /// `None`: not now.
    pub fn place(&mut self, piece: u32, is_awaited: impl Fn(u32) -> bool) -> Option<Place> {
        let may_go = |slot: &Slot| match slot.held {
            Held::Nothing => true,
            Held::Coming(_) => false,
            Held::Piece(held) => slot.reads == 0 && !is_awaited(held),
        };
        let free = self.slots.iter().enumerate().filter(|(_, slot)| may_go(slot));
        let slot = free.min_by_key(|(_, slot)| (slot.held != Held::Nothing, !slot.is_done, slot.used))?.0;
        let evicted = match std::mem::replace(&mut self.slots[slot].held, Held::Coming(piece)) {
            Held::Piece(evicted) => Some(evicted),
            Held::Nothing | Held::Coming(_) => None,
        };
        evicted.and_then(|piece| self.by_piece.remove(&piece));
        Some(Place { slot, evicted })
    }

    /// What was to be kept there is, or is not. Returns the piece.
    pub fn on_kept(&mut self, slot: usize, is_kept: bool) -> Option<u32> {
        let held = &mut self.slots.get_mut(slot)?.held;
        let Held::Coming(piece) = *held else {
            return None;
        };
        *held = if is_kept { Held::Piece(piece) } else { Held::Nothing };
        if is_kept {
            self.uses += 1;
            (self.slots[slot].used, self.slots[slot].is_done) = (self.uses, false);
            self.by_piece.insert(piece, slot);
        }
        Some(piece)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keep(cache: &mut Cache, piece: u32) -> Option<Place> {
        let place = cache.place(piece, |_| false)?;
        assert_eq!(cache.on_kept(place.slot, true), Some(piece));
        Some(place)
    }

    #[test]
    fn the_piece_that_was_not_used_for_longest_goes() {
        let mut cache = Cache::new(2);
        assert_eq!(keep(&mut cache, 10).unwrap().evicted, None);
        assert_eq!(keep(&mut cache, 11).unwrap().evicted, None);
        let slot = cache.read(10, false).unwrap();
        cache.on_read(slot);
        assert_eq!(keep(&mut cache, 12).unwrap().evicted, Some(11));
        assert!(cache.contains(10) && !cache.contains(11) && cache.contains(12));
    }

    #[test]
    fn a_piece_that_was_read_to_its_end_goes_before_those_that_somebody_is_in_the_middle_of() {
        let mut cache = Cache::new(3);
        for (piece, to_its_end) in [(1, false), (2, true), (3, true)] {
            keep(&mut cache, piece);
            let slot = cache.read(piece, to_its_end).unwrap();
            cache.on_read(slot);
        }
        assert_eq!(keep(&mut cache, 4).unwrap().evicted, Some(2));
        assert_eq!(keep(&mut cache, 5).unwrap().evicted, Some(3));
        assert_eq!(keep(&mut cache, 6).unwrap().evicted, Some(1), "nobody came for the rest of it");
    }

    #[test]
    fn what_is_read_awaited_or_on_its_way_stays() {
        let mut cache = Cache::new(3);
        keep(&mut cache, 1);
        keep(&mut cache, 2);
        cache.read(1, false).unwrap();
        let coming = cache.place(3, |_| false).unwrap();
        assert!(!cache.contains(3));
        assert_eq!(cache.place(4, |piece| piece == 2), None);
        cache.on_kept(coming.slot, true);
        assert_eq!(cache.place(4, |piece| piece == 2).unwrap().evicted, Some(3));
    }

    #[test]
    fn what_could_not_be_kept_is_not_here() {
        let mut cache = Cache::new(1);
        let place = cache.place(5, |_| false).unwrap();
        assert_eq!(cache.on_kept(place.slot, false), Some(5));
        assert!(!cache.contains(5) && cache.read(5, false).is_none());
        assert_eq!(cache.on_kept(place.slot, true), None, "it was answered");
        assert!(keep(&mut cache, 6).is_some());
    }
}
