//! How much is fetched because one member asks for it: so many bytes in an hour, which may be had at once and come back evenly.

use std::collections::BTreeMap;
use std::time::Duration;

use local_peer::{Identity, Timestamp};

const HOUR: Duration = Duration::from_secs(3_600);
/// Members whose use is remembered; a group has fewer. Whoever used least is forgotten for another.
const MEMBERS_MAX: usize = 4096;

/// Who asks; `None`: whoever does not prove who they are, all of them together.
pub type Member = Option<Identity>;

/// See the module.
#[derive(Debug, Default)]
pub struct Allowance {
    /// `None`: no bound.
    per_hour: Option<u64>,
    used: BTreeMap<Member, Used>,
}

#[derive(Debug, Clone, Copy)]
struct Used {
    bytes: u64,
    at: Timestamp,
}

impl Allowance {
    pub fn set(&mut self, per_hour: Option<u64>) {
        self.per_hour = per_hour;
    }

    /// When something may be fetched for this member: now, or later.
    pub fn free_at(&self, member: Member, now: Timestamp) -> Timestamp {
        let Some(per_hour) = self.per_hour.map(|bytes| bytes.max(1)) else { return now };
        let used = self.used(member, per_hour, now);
        if used < per_hour { now } else { now + time_for(used - per_hour + 1, per_hour) }
    }

    /// Something may be fetched for this member now.
    pub fn is_free(&self, member: Member, now: Timestamp) -> bool {
        self.free_at(member, now) <= now
    }

    /// So much is fetched for this member.
    pub fn pay(&mut self, member: Member, bytes: u64, now: Timestamp) {
        let Some(per_hour) = self.per_hour.map(|bytes| bytes.max(1)) else { return };
        let bytes = self.used(member, per_hour, now) + bytes;
        if self.used.len() >= MEMBERS_MAX && !self.used.contains_key(&member) {
            let least = self.used.iter().min_by_key(|(_, used)| (used.at, used.bytes)).map(|(member, _)| *member);
            least.and_then(|member| self.used.remove(&member));
        }
        self.used.insert(member, Used { bytes, at: now });
    }

    fn used(&self, member: Member, per_hour: u64, now: Timestamp) -> u64 {
        let Some(used) = self.used.get(&member) else { return 0 };
        let back = u128::from(per_hour) * now.since(used.at).as_micros() / HOUR.as_micros();
        used.bytes.saturating_sub(u64::try_from(back).unwrap_or(u64::MAX))
    }
}

/// Until so many bytes have come back; a little more, so that they have.
fn time_for(bytes: u64, per_hour: u64) -> Duration {
    let micros = (u128::from(bytes) * HOUR.as_micros()).div_ceil(u128::from(per_hour));
    Duration::from_micros(u64::try_from(micros).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn member(number: u8) -> Member {
        Some(Identity([number; 32]))
    }

    #[test]
    fn what_was_used_comes_back_evenly_within_an_hour() {
        let mut allowance = Allowance::default();
        allowance.set(Some(3_600));
        allowance.pay(member(1), 3_000, at(0));
        assert_eq!(allowance.free_at(member(1), at(0)), at(0), "some is left");
        allowance.pay(member(1), 1_000, at(0));
        assert_eq!(allowance.free_at(member(1), at(0)), at(401));
        assert_eq!(allowance.free_at(member(2), at(0)), at(0), "another's");
        assert_eq!(allowance.free_at(member(1), at(401)), at(401));
        allowance.pay(member(1), 1, at(401));
        assert_eq!(allowance.free_at(member(1), at(401)), at(402));
    }

    #[test]
    fn without_a_bound_nothing_is_counted() {
        let mut allowance = Allowance::default();
        allowance.pay(member(1), u64::MAX, at(0));
        assert_eq!(allowance.free_at(member(1), at(0)), at(0));
        assert!(allowance.used.is_empty());
    }

    #[test]
    fn who_used_longest_ago_is_forgotten_when_there_are_too_many() {
        let mut allowance = Allowance::default();
        allowance.set(Some(1));
        for number in 0..2 * MEMBERS_MAX as u64 {
            let mut identity = [0; 32];
            identity[..8].copy_from_slice(&number.to_be_bytes());
            allowance.pay(Some(Identity(identity)), 1, at(number));
        }
        assert_eq!(allowance.used.len(), MEMBERS_MAX);
    }
}
