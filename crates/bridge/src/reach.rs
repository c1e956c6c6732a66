//! Which seeders there are, and what they have together.
//!
//! Seeders close connections on which nothing is asked for (10 s to 5 min, by client), and are dialed again: one that is gone
//! is believed to come back for a while, for a shorter one if somebody waits for a piece that only it has.

use std::collections::BTreeMap;
use std::time::Duration;

use local_peer::Timestamp;
use peer_engine::PieceSet;
use peer_wire::{BEHIND_MAX, Behind};

use crate::input::Seeder;

/// A seeder that is gone is believed to come back within this time.
const BACK_WITHIN: Duration = Duration::from_secs(120);
/// While somebody waits for what only it has.
const BACK_WHEN_ASKED_WITHIN: Duration = Duration::from_secs(20);
/// Seeders that are looked at.
const SEEDERS_MAX: usize = 64;

#[derive(Debug)]
struct Known {
    client: String,
    pieces: PieceSet,
    /// `None`: it is connected.
    gone_at: Option<Timestamp>,
}

/// See the module.
#[derive(Debug)]
pub struct Reach {
    pieces: u32,
    known: BTreeMap<String, Known>,
    /// Clients of those that lied.
    banned: BTreeMap<String, String>,
}

impl Reach {
    pub fn new(pieces: u32) -> Self {
        Self { pieces, known: BTreeMap::new(), banned: BTreeMap::new() }
    }

    /// Who is connected now, and who is banned.
    pub fn set(&mut self, seeders: Vec<Seeder>, now: Timestamp) {
        let mut gone: Vec<String> = self.known.keys().cloned().collect();
        for seeder in seeders.into_iter().take(SEEDERS_MAX) {
            gone.retain(|key| *key != seeder.key);
            if seeder.is_banned {
                self.known.remove(&seeder.key);
                if self.banned.len() < SEEDERS_MAX {
                    self.banned.insert(seeder.key, seeder.client);
                }
            } else if seeder.pieces.len() == self.pieces {
                let Seeder { key, client, pieces, .. } = seeder;
                self.known.insert(key, Known { client, pieces, gone_at: None });
            }
        }
        for key in gone {
            if let Some(known) = self.known.get_mut(&key) {
                known.gone_at.get_or_insert(now);
            }
        }
        self.forget_surplus();
    }

    /// Those who are gone for longest make room.
    fn forget_surplus(&mut self) {
        while self.known.len() > SEEDERS_MAX {
            let gone = self.known.iter().filter_map(|(key, known)| Some((known.gone_at?, key.clone())));
            let Some((_, longest)) = gone.min() else { return };
            self.known.remove(&longest);
        }
    }

    /// Forgets whoever did not come back in time. `asked`: pieces that are waited for, and since when. `true`: somebody was.
    pub fn forget_gone(&mut self, asked: &[(u32, Timestamp)], now: Timestamp) -> bool {
        let gone: Vec<String> = self
            .known
            .iter()
            .filter(|(_, known)| self.is_back_until(known, asked).is_some_and(|until| until <= now))
            .map(|(key, _)| key.clone())
            .collect();
        gone.iter().for_each(|key| {
            self.known.remove(key);
        });
        !gone.is_empty()
    }

    /// Somebody may have to be forgotten.
    pub fn misses_somebody(&self) -> bool {
        self.known.values().any(|known| known.gone_at.is_some())
    }

    /// When somebody is to be forgotten next.
    pub fn poll_timeout(&self, asked: &[(u32, Timestamp)]) -> Option<Timestamp> {
        self.known.values().filter_map(|known| self.is_back_until(known, asked)).min()
    }

    /// `None`: it is here.
    fn is_back_until(&self, known: &Known, asked: &[(u32, Timestamp)]) -> Option<Timestamp> {
        let gone_at = known.gone_at?;
        let only_it_has = |piece: u32| known.pieces.contains(piece) && !self.is_connected_with(piece);
        let since = asked.iter().filter(|(piece, _)| only_it_has(*piece)).map(|(_, since)| *since).min();
        let at_last = gone_at + BACK_WITHIN;
        Some(since.map_or(at_last, |since| at_last.min(since.max(gone_at) + BACK_WHEN_ASKED_WITHIN)))
    }

    /// A seeder that is connected now has it.
    pub fn is_connected_with(&self, piece: u32) -> bool {
        self.known.values().any(|known| known.gone_at.is_none() && known.pieces.contains(piece))
    }

    /// Somebody has it.
    pub fn contains(&self, piece: u32) -> bool {
        self.known.values().any(|known| known.pieces.contains(piece))
    }

    /// What stands behind the bridge, for people: those that serve first.
    pub fn behind(&self) -> Vec<Behind> {
        let named = |client: &String, is_banned| Behind { client: client.clone(), is_banned };
        let serving = self.known.values().map(|known| named(&known.client, false));
        serving.chain(self.banned.values().map(|client| named(client, true))).take(BEHIND_MAX).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seeder(key: &str, pieces: &[u32]) -> Seeder {
        let mut set = PieceSet::none(4);
        pieces.iter().for_each(|piece| assert!(set.insert(*piece)));
        Seeder { key: key.to_owned(), client: format!("client {key}"), pieces: set, is_banned: false }
    }

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn reached(reach: &Reach) -> Vec<u32> {
        (0..4).filter(|piece| reach.contains(*piece)).collect()
    }

    #[test]
    fn who_is_gone_is_believed_to_come_back_for_two_minutes() {
        let mut reach = Reach::new(4);
        reach.set(vec![seeder("a", &[0, 1]), seeder("b", &[1, 2])], at(0));
        reach.set(vec![seeder("b", &[1, 2, 3])], at(10));
        assert_eq!(reached(&reach), [0, 1, 2, 3]);
        assert_eq!(reach.poll_timeout(&[]), Some(at(130)));
        assert!(!reach.forget_gone(&[], at(129)));
        assert!(reach.forget_gone(&[], at(130)));
        assert_eq!(reached(&reach), [1, 2, 3]);
    }

    #[test]
    fn while_somebody_waits_for_what_only_it_has_it_is_believed_for_twenty_seconds() {
        let mut reach = Reach::new(4);
        reach.set(vec![seeder("a", &[0, 1]), seeder("b", &[1])], at(0));
        reach.set(vec![seeder("b", &[1])], at(10));
        let asked = [(1, at(11)), (0, at(30))];
        assert_eq!(reach.poll_timeout(&asked[..1]), Some(at(130)), "another has it");
        assert_eq!(reach.poll_timeout(&asked), Some(at(50)));
        reach.set(vec![seeder("a", &[0, 1]), seeder("b", &[1])], at(40));
        assert_eq!(reach.poll_timeout(&asked), None, "it came back");
    }

    #[test]
    fn who_lied_is_named_as_such_and_has_nothing_any_more() {
        let mut reach = Reach::new(4);
        reach.set(vec![seeder("a", &[0]), seeder("b", &[1])], at(0));
        reach.set(vec![seeder("b", &[1]), Seeder { is_banned: true, ..seeder("a", &[0]) }], at(1));
        assert_eq!(reached(&reach), [1]);
        let names: Vec<_> = reach.behind().into_iter().map(|behind| (behind.client, behind.is_banned)).collect();
        assert_eq!(names, [("client b".to_owned(), false), ("client a".to_owned(), true)]);
    }

    #[test]
    fn what_is_remembered_is_bounded_and_torrents_of_another_length_are_none() {
        let mut reach = Reach::new(4);
        for nth in 0..3 * SEEDERS_MAX as u64 {
            reach.set(vec![seeder(&nth.to_string(), &[0])], at(nth));
        }
        assert_eq!(reach.known.len(), SEEDERS_MAX);
        reach.set(vec![Seeder { pieces: PieceSet::all(5), ..seeder("x", &[]) }], at(999));
        assert!(!reach.known.contains_key("x"));
    }
}
