//! Counts wrong invites per member and per address.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use wire_protocol::ids::MemberKey;

use crate::limits::{INVITE_FAILURES_PER_MINUTE, INVITE_FAILURES_TRACKED};

const WINDOW: Duration = Duration::from_secs(60);

/// Who guesses invites. In memory: a restart forgives.
#[derive(Debug, Default)]
pub struct InviteFailures {
    counts: Mutex<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    members: HashMap<MemberKey, Failures>,
    addresses: HashMap<IpAddr, Failures>,
}

#[derive(Debug)]
struct Failures {
    since: Instant,
    count: u32,
}

impl InviteFailures {
    /// Whether this member or address has to wait.
    pub fn is_blocked(&self, member: MemberKey, address: IpAddr) -> bool {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let blocked = |failures: Option<&Failures>| {
            failures.is_some_and(|f| f.count >= INVITE_FAILURES_PER_MINUTE && f.since.elapsed() < WINDOW)
        };
        blocked(counts.members.get(&member)) || blocked(counts.addresses.get(&network(address)))
    }

    /// One more wrong invite.
    pub fn count(&self, member: MemberKey, address: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut counts.members, member);
        count(&mut counts.addresses, network(address));
    }
}

fn count<K: Hash + Eq>(failures: &mut HashMap<K, Failures>, key: K) {
    if failures.len() >= INVITE_FAILURES_TRACKED {
        failures.retain(|_, f| f.since.elapsed() < WINDOW);
    }
    if failures.len() >= INVITE_FAILURES_TRACKED {
        return;
    }
    let entry = failures.entry(key).or_insert(Failures { since: Instant::now(), count: 0 });
    if entry.since.elapsed() >= WINDOW {
        *entry = Failures { since: Instant::now(), count: 0 };
    }
    entry.count += 1;
}

/// One household or host has a whole /64 of IPv6.
pub fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::from((u128::from(v6) & !u128::from(u64::MAX)).to_be_bytes()),
        v4 => v4,
    }
}
