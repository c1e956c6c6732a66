//! What is asked of the bridge and is not here: each member in turn, and of each in the order in which they asked.

use std::collections::{BTreeMap, VecDeque};

use local_peer::Timestamp;

use crate::allowance::Member;
use crate::input::Load;

/// Pieces that were asked for lately, by which a reader in order is known.
const RECENT_MAX: usize = 64;
/// So many pieces before it were asked for one after the other. Several who read in any order look like it with fewer, and
/// what is fetched ahead for them has to be fetched again.
const IN_A_ROW: u32 = 4;
/// So many pieces are fetched ahead of such a reader.
const AHEAD: u32 = 2;
/// Nothing is fetched ahead while so many pieces are waited for: it would come at their cost.
const BUSY: usize = 4;

#[derive(Debug)]
struct Asked {
    since: Timestamp,
    /// Who asked first, or whom it is fetched ahead of.
    by: Member,
    /// It is fetched, at this one's cost.
    paid_by: Option<Member>,
    /// Empty: fetched ahead.
    loads: Vec<Load>,
}

impl Asked {
    fn askers(&self) -> impl Iterator<Item = Member> {
        std::iter::once(self.by).chain(self.loads.iter().map(|load| load.who))
    }
}

/// See the module.
#[derive(Debug, Default)]
pub struct Demand {
    order: VecDeque<u32>,
    asked: BTreeMap<u32, Asked>,
    recent: VecDeque<u32>,
}

impl Demand {
    /// Bytes of this piece are asked for, wherever it is. Returns the pieces behind it if it is read in order: they are asked
    /// for next.
    pub fn on_read(&mut self, piece: u32) -> std::ops::Range<u32> {
        if self.recent.contains(&piece) {
            return 0..0;
        }
        let before = |next: u32, asked: &u32| if asked.checked_add(1) == Some(next) { *asked } else { next };
        let first = self.recent.iter().rev().fold(piece, before);
        if self.recent.len() == RECENT_MAX {
            self.recent.pop_front();
        }
        self.recent.push_back(piece);
        if piece - first >= IN_A_ROW { piece + 1..piece.saturating_add(1 + AHEAD) } else { 0..0 }
    }

    /// Somebody waits for it. `false`: [`Demand::first`] says what it said before, as it does for most of the blocks of a piece.
    pub fn ask(&mut self, load: Load, now: Timestamp) -> bool {
        let asked = self.entry(load.piece, load.who, now);
        let is_first = asked.loads.is_empty();
        if is_first {
            // What was fetched ahead is waited for from now on.
            asked.since = now;
        }
        asked.loads.push(load);
        is_first || asked.paid_by.is_none()
    }

    /// Nobody waits for it yet.
    pub fn ask_ahead(&mut self, piece: u32, ahead_of: Member, now: Timestamp) {
        if self.asked.len() < BUSY {
            self.entry(piece, ahead_of, now);
        }
    }

    fn entry(&mut self, piece: u32, by: Member, now: Timestamp) -> &mut Asked {
        self.asked.entry(piece).or_insert_with(|| {
            self.order.push_back(piece);
            Asked { since: now, by, paid_by: None, loads: Vec::new() }
        })
    }

    /// The piece is here, or cannot be had: who waited for it.
    pub fn take(&mut self, piece: u32) -> Vec<Load> {
        let Some(asked) = self.asked.remove(&piece) else {
            return Vec::new();
        };
        self.order.retain(|other| *other != piece);
        asked.loads
    }

    /// What to fetch now, so many pieces at most, and at whose cost. What nobody has who `is_here` comes last, so that nothing
    /// waits for it; what is paid for already comes before what is not; nothing is fetched for who may not (`may_pay`).
    pub fn first(
        &self,
        pieces_max: usize,
        is_here: impl Fn(u32) -> bool,
        may_pay: impl Fn(Member) -> bool,
    ) -> BTreeMap<u32, Member> {
        let mut turns: BTreeMap<Member, u32> = BTreeMap::new();
        let (mut waited, mut ahead) = (Vec::new(), Vec::new());
        for (nth, piece) in self.order.iter().enumerate() {
            let Some(asked) = self.asked.get(piece) else { continue };
            let Some(payer) = asked.paid_by.or_else(|| asked.askers().find(|asker| may_pay(*asker))) else { continue };
            if asked.loads.is_empty() {
                ahead.push((*piece, payer));
                continue;
            }
            let turn = turns.entry(payer).or_default();
            waited.push(((!is_here(*piece), asked.paid_by.is_none(), *turn, nth), (*piece, payer)));
            *turn += 1;
        }
        waited.sort_unstable_by_key(|(rank, _)| *rank);
        let mut first: BTreeMap<u32, Member> = waited.into_iter().map(|(_, it)| it).take(pieces_max).collect();
        let room = BUSY.min(pieces_max).saturating_sub(first.len());
        first.extend(ahead.into_iter().take(room));
        first
    }

    /// It is fetched at this member's cost from now on.
    pub fn pay(&mut self, piece: u32, member: Member) {
        if let Some(asked) = self.asked.get_mut(&piece) {
            asked.paid_by = Some(member);
        }
    }

    /// It is fetched at somebody's cost.
    pub fn is_paid(&self, piece: u32) -> bool {
        self.asked.get(&piece).is_some_and(|asked| asked.paid_by.is_some())
    }

    /// Who asks for what nobody has paid for yet.
    pub fn unpaid(&self) -> impl Iterator<Item = Member> {
        self.asked.values().filter(|asked| asked.paid_by.is_none()).flat_map(Asked::askers)
    }

    /// Somebody waits for it.
    pub fn is_awaited(&self, piece: u32) -> bool {
        self.asked.get(&piece).is_some_and(|asked| !asked.loads.is_empty())
    }

    /// Pieces that somebody waits for, and since when.
    pub fn awaited(&self) -> Vec<(u32, Timestamp)> {
        let awaited = self.asked.iter().filter(|(_, asked)| !asked.loads.is_empty());
        awaited.map(|(piece, asked)| (*piece, asked.since)).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use local_peer::Identity;
    use peer_engine::JobId;

    use super::*;

    fn load(piece: u32, job: u64) -> Load {
        load_of(1, piece, job)
    }

    fn member(number: u8) -> Member {
        Some(Identity([number; 32]))
    }

    fn load_of(number: u8, piece: u32, job: u64) -> Load {
        Load { job: JobId(job), piece, begin: 0, len: 1, who: member(number) }
    }

    /// While everybody may have everything fetched.
    fn first(demand: &Demand, pieces_max: usize) -> BTreeSet<u32> {
        demand.first(pieces_max, |_| true, |_| true).into_keys().collect()
    }

    #[test]
    fn who_asked_first_is_first_and_a_piece_is_fetched_once_for_all_who_wait() {
        let mut demand = Demand::default();
        for (piece, job) in [(7, 1), (3, 2), (7, 3), (5, 4)] {
            demand.ask(load(piece, job), Timestamp(job));
        }
        assert_eq!(first(&demand, 2), BTreeSet::from([3, 7]));
        assert_eq!(demand.take(7), [load(7, 1), load(7, 3)]);
        assert_eq!(first(&demand, 9), BTreeSet::from([3, 5]));
        assert_eq!(demand.awaited(), [(3, Timestamp(2)), (5, Timestamp(4))]);
        assert!(demand.take(7).is_empty());
    }

    #[test]
    fn who_asks_for_much_does_not_keep_waiting_who_asks_for_little() {
        let mut demand = Demand::default();
        (0..100).for_each(|piece| {
            demand.ask(load_of(1, piece, 0), Timestamp(1));
        });
        let begun = first(&demand, 4);
        assert_eq!(begun, BTreeSet::from([0, 1, 2, 3]));
        begun.iter().for_each(|piece| demand.pay(*piece, member(1)));
        (200..203).for_each(|piece| {
            demand.ask(load_of(2, piece, 0), Timestamp(2));
        });
        assert_eq!(first(&demand, 4), begun, "what has begun is not given up");
        demand.take(0);
        assert_eq!(first(&demand, 4), BTreeSet::from([1, 2, 3, 200]), "then it is another's turn");
    }

    #[test]
    fn a_piece_comes_at_the_cost_of_whoever_of_those_that_wait_may_have_it() {
        let mut demand = Demand::default();
        demand.ask(load_of(1, 7, 1), Timestamp(1));
        demand.ask(load_of(1, 8, 2), Timestamp(1));
        assert!(demand.first(9, |_| true, |asker| asker != member(1)).is_empty());
        demand.ask(load_of(2, 8, 3), Timestamp(2));
        let fetched = demand.first(9, |_| true, |asker| asker != member(1));
        assert_eq!(fetched, BTreeMap::from([(8, member(2))]));
        demand.pay(8, member(2));
        assert_eq!(demand.first(9, |_| true, |_| false), fetched, "what is paid for is fetched");
    }

    #[test]
    fn ahead_of_who_reads_in_order_and_of_nobody_else() {
        let mut demand = Demand::default();
        for piece in [1, 30, 2, 3, 11, 4] {
            assert_eq!(demand.on_read(piece), 0..0, "piece {piece}");
        }
        assert_eq!(demand.on_read(5), 6..8);
        assert_eq!(demand.on_read(5), 0..0, "more of the same piece");
        for piece in [24, 23, 22, 21, 20, 25] {
            assert_eq!(demand.on_read(piece), 0..0, "piece {piece}, backwards");
        }
        assert_eq!(demand.on_read(u32::MAX), 0..0);
        demand.ask_ahead(6, member(1), Timestamp(1));
        assert!(demand.awaited().is_empty() && first(&demand, 9).contains(&6));
    }

    #[test]
    fn nothing_is_fetched_ahead_while_many_wait() {
        let mut demand = Demand::default();
        demand.ask_ahead(1, member(1), Timestamp(1));
        (10..13).for_each(|piece| {
            demand.ask(load(piece, 0), Timestamp(2));
        });
        demand.ask_ahead(2, member(1), Timestamp(3));
        assert_eq!(first(&demand, 9), BTreeSet::from([1, 10, 11, 12]));
        assert_eq!(first(&demand, 2), BTreeSet::from([10, 11]), "who waits is first");
        demand.ask(load(13, 0), Timestamp(4));
        demand.ask(load(1, 0), Timestamp(5));
        assert_eq!(demand.awaited()[0], (1, Timestamp(5)), "nobody waited before");
        assert_eq!(first(&demand, 9), BTreeSet::from([1, 10, 11, 12, 13]));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut demand = Demand::default();
        (0..1_000).for_each(|piece| {
            demand.on_read(2 * piece);
        });
        assert_eq!(demand.recent.len(), RECENT_MAX);
    }
}
