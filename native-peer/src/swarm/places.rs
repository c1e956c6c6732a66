//! Places for links, which all swarms of the program share.

use std::collections::BTreeMap;
use std::sync::Arc;

use local_peer::Room;
use tokio::sync::watch;

/// Of all swarms together. A link holds at most 1 MiB that waits to be written and 64 KiB that were read.
pub const LIMIT: Room = Room { connecting: 16, links: 128 };

/// What each swarm uses, by its number.
type Used = BTreeMap<u64, Room>;

/// The places of the program.
#[derive(Debug, Clone, Default)]
pub struct Places(Arc<watch::Sender<Used>>);

impl Places {
    /// For one more swarm.
    pub fn enter(&self) -> Share {
        let mut number = 0;
        self.0.send_if_modified(|used| {
            number = used.last_key_value().map_or(0, |(last, _)| last + 1);
            used.insert(number, Room::default());
            false
        });
        Share { places: self.clone(), number, used: self.0.subscribe() }
    }
}

/// A swarm's share, given back when it is dropped.
#[derive(Debug)]
pub struct Share {
    places: Places,
    number: u64,
    used: watch::Receiver<Used>,
}

impl Share {
    /// Lends what is left of the limit to a swarm that occupies so much; what `take` takes from it is this
    /// swarm's from then on. No other swarm is lent anything meanwhile.
    pub fn lend<T>(&self, occupied: Room, take: impl FnOnce(&mut Room) -> T) -> T {
        let mut taken = None;
        self.places.0.send_if_modified(|used| {
            let before = used.insert(self.number, occupied).unwrap_or_default();
            let left = LIMIT.left(used.values().copied());
            let mut room = left;
            taken = Some(take(&mut room));
            let after = Room {
                connecting: occupied.connecting + (left.connecting - room.connecting),
                links: occupied.links + (left.links - room.links),
            };
            used.insert(self.number, after);
            after.connecting < before.connecting || after.links < before.links
        });
        taken.expect("the closure is called, and once")
    }

    /// Waits until a swarm has given places back.
    pub async fn freed(&mut self) {
        // The sender is held by `places`, so this cannot fail.
        let _ = self.used.changed().await;
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.places.0.send_modify(|used| {
            used.remove(&self.number);
        });
    }
}

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    const NOTHING: Room = Room { connecting: 0, links: 0 };

    fn take_all(room: &mut Room) -> Room {
        std::mem::take(room)
    }

    #[tokio::test]
    async fn swarms_share_one_limit_and_hear_when_another_gives_places_back() {
        let places = Places::default();
        let (first, mut second) = (places.enter(), places.enter());
        assert_eq!(first.lend(NOTHING, take_all), LIMIT);
        assert_eq!(second.lend(NOTHING, take_all), NOTHING, "all are taken");
        assert!(second.freed().now_or_never().is_none());
        let two_open = Room { connecting: 0, links: 2 };
        first.lend(two_open, |_| ());
        assert!(second.freed().now_or_never().is_some());
        let left = Room { links: LIMIT.links - 2, ..LIMIT };
        assert_eq!(second.lend(NOTHING, take_all), left);
    }

    #[tokio::test]
    async fn a_swarm_that_ends_gives_all_its_places_back() {
        let places = Places::default();
        let (first, mut second) = (places.enter(), places.enter());
        first.lend(NOTHING, take_all);
        drop(first);
        assert!(second.freed().now_or_never().is_some());
        assert_eq!(second.lend(NOTHING, |room| *room), LIMIT);
    }

    #[test]
    fn what_a_swarm_gave_back_itself_it_is_lent_at_once() {
        let share = Places::default().enter();
        share.lend(NOTHING, take_all);
        let one_link = Room { connecting: 0, links: 1 };
        assert_eq!(share.lend(one_link, |room| *room), LIMIT.left([one_link]));
    }
}
