//! How fast one member, and one address, may ask for things: a token bucket each, whatever connections they use.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use wire_protocol::ids::MemberKey;

use crate::address::{Network, networks};
use crate::limits::{
    ADDRESS_TOKENS_BURST, ADDRESS_TOKENS_PER_SECOND, BUCKETS_BEFORE_PRUNING, Limit, TOKENS_BURST, TOKENS_PER_SECOND,
};
use crate::shares::Who;

/// All buckets that are not full.
#[derive(Debug, Default)]
pub struct Rates {
    buckets: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    members: Buckets<MemberKey>,
    networks: Buckets<Network>,
}

/// Somebody has to wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooFast {
    /// Whose.
    pub limit: Limit,
    /// Until there are enough tokens.
    pub wait: Duration,
}

/// What is missing from full buckets, and since when it refills.
#[derive(Debug)]
pub(super) struct Buckets<K> {
    missing: HashMap<K, (f64, Instant)>,
    prune_at: usize,
}

impl<K> Default for Buckets<K> {
    fn default() -> Self {
        Self { missing: HashMap::new(), prune_at: BUCKETS_BEFORE_PRUNING }
    }
}

/// How large a bucket is, and how fast it refills.
#[derive(Clone, Copy)]
pub(super) struct Size {
    pub(super) burst: f64,
    pub(super) per_second: f64,
}

const OF_MEMBER: Size = Size { burst: TOKENS_BURST, per_second: TOKENS_PER_SECOND };

/// A network may have what one address may, several times.
fn of_network(times: usize) -> Size {
    Size { burst: ADDRESS_TOKENS_BURST, per_second: ADDRESS_TOKENS_PER_SECOND }.times(times)
}

impl Rates {
    /// Takes `cost` tokens out of all buckets of somebody.
    ///
    /// # Errors
    /// One of them has too few; nothing is taken.
    pub fn take(&self, who: Who, cost: f64, now: Instant) -> Result<(), TooFast> {
        let mut state = self.lock();
        let of_member = OF_MEMBER.wait(state.members.missing(&who.member, OF_MEMBER, now), cost);
        let mut slowest = of_member.map(|wait| TooFast { limit: Limit::RateOfMember, wait });
        for (network, times) in networks(who.address) {
            let size = of_network(times);
            let wait = size.wait(state.networks.missing(&network, size, now), cost);
            if let Some(wait) = wait.filter(|wait| slowest.is_none_or(|slowest| slowest.wait < *wait)) {
                slowest = Some(TooFast { limit: Limit::RateOfAddress, wait });
            }
        }
        match slowest {
            Some(too_fast) => Err(too_fast),
            None => {
                state.charge(who, cost, now);
                Ok(())
            }
        }
    }

    /// Takes `cost` tokens that may not be there yet, for what has waited: what comes next waits longer.
    pub fn charge(&self, who: Who, cost: f64, now: Instant) {
        self.lock().charge(who, cost, now);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.buckets.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn charge(&mut self, who: Who, cost: f64, now: Instant) {
        self.members.charge(who.member, OF_MEMBER, cost, now);
        for (network, times) in networks(who.address) {
            self.networks.charge(network, of_network(times), cost, now);
        }
    }
}

impl Size {
    /// For several.
    pub(super) fn times(self, times: usize) -> Self {
        Self { burst: self.burst * times as f64, per_second: self.per_second * times as f64 }
    }

    fn wait(self, missing: f64, cost: f64) -> Option<Duration> {
        let lacking = cost - (self.burst - missing);
        (lacking > 0.0).then(|| Duration::from_secs_f64(lacking / self.per_second))
    }

    /// What is missing after a while.
    fn refilled(self, (missing, at): (f64, Instant), now: Instant) -> f64 {
        (missing - now.saturating_duration_since(at).as_secs_f64() * self.per_second).max(0.0)
    }
}

impl<K: Hash + Eq> Buckets<K> {
    fn missing(&self, key: &K, size: Size, now: Instant) -> f64 {
        self.missing.get(key).map_or(0.0, |bucket| size.refilled(*bucket, now))
    }

    /// Whether there is no whole token left.
    pub(super) fn lacks(&self, key: &K, size: Size, now: Instant) -> bool {
        size.wait(self.missing(key, size, now), 1.0).is_some()
    }

    pub(super) fn charge(&mut self, key: K, size: Size, cost: f64, now: Instant) {
        let missing = self.missing(&key, size, now) + cost;
        self.missing.insert(key, (missing, now));
        if self.missing.len() >= self.prune_at {
            self.missing.retain(|_, bucket| size.refilled(*bucket, now) > 0.0);
            self.prune_at = (self.missing.len() * 2).max(BUCKETS_BEFORE_PRUNING);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(member: u8, address: &str) -> Who {
        Who { member: MemberKey([member; 32]), address: address.parse().unwrap() }
    }

    #[test]
    fn a_burst_passes_and_then_the_rate_holds_whatever_connection_it_comes_by() {
        let (rates, now, who) = (Rates::default(), Instant::now(), who(1, "192.0.2.1"));
        assert!((0..TOKENS_BURST as u32).all(|_| rates.take(who, 1.0, now).is_ok()));
        let TooFast { limit, wait } = rates.take(who, 1.0, now).unwrap_err();
        assert_eq!(limit, Limit::RateOfMember);
        assert!(rates.take(who, 1.0, now + wait + Duration::from_micros(1)).is_ok());
        assert!(rates.take(who, 1.0, now + wait + Duration::from_micros(2)).is_err());
        let refilled = now + Duration::from_secs(3600);
        assert!(rates.take(who, TOKENS_BURST, refilled).is_ok());
        rates.charge(who, TOKENS_PER_SECOND, refilled);
        assert!(rates.take(who, 1.0, refilled).unwrap_err().wait > Duration::from_secs(1));
    }

    #[test]
    fn many_members_of_an_address_share_its_bucket_and_those_of_this_machine_do_not() {
        let (rates, now) = (Rates::default(), Instant::now());
        let passed = |address: &str| {
            let all = (0..100).flat_map(|member| (0..100).map(move |_| member));
            all.filter(|&member| rates.take(who(member, address), 1.0, now).is_ok()).count()
        };
        assert_eq!(passed("192.0.2.1") as f64, ADDRESS_TOKENS_BURST);
        let others: Vec<_> = (100..110).map(|member| rates.take(who(member, "192.0.2.2"), 1.0, now)).collect();
        assert!(others.iter().all(Result::is_ok));
        let of_here = (0..100).map(|member| rates.take(who(member, "127.0.0.1"), TOKENS_BURST / 2.0, now));
        assert!(of_here.filter(Result::is_ok).count() == 100);
    }

    #[test]
    fn full_buckets_are_forgotten() {
        let (rates, now) = (Rates::default(), Instant::now());
        let of = |number: usize| {
            let mut key = [0; 32];
            key[..8].copy_from_slice(&number.to_be_bytes());
            Who { member: MemberKey(key), address: [127, 0, 0, 1].into() }
        };
        for number in 0..10 * BUCKETS_BEFORE_PRUNING {
            rates.take(of(number), 1.0, now + Duration::from_millis(number as u64)).unwrap();
        }
        assert!(rates.lock().members.missing.len() <= BUCKETS_BEFORE_PRUNING);
    }
}
