//! Counts wrong invites per member and per address.
//!
//! A member who guesses has to wait. An address is only slowed down, because it may be the address of
//! many: everybody behind one router, or behind a reverse proxy that this server was not told of.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use wire_protocol::ids::MemberKey;

use crate::address::network;
use crate::limits::{INVITE_FAILURES_PER_MINUTE, INVITE_FAILURES_TRACKED, INVITE_PAUSE};

const WINDOW: Duration = Duration::from_secs(60);

/// Who guesses invites. In memory: a restart forgives.
#[derive(Debug, Default)]
pub struct InviteFailures {
    counts: Mutex<Counts>,
}

/// What becomes of an invite that somebody brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextInvite {
    /// It is looked at.
    Now,
    /// It is looked at a little later.
    After(Duration),
    /// This member has to wait a minute.
    Refused,
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
    /// What becomes of the next invite.
    pub fn look_at(&self, member: MemberKey, address: IpAddr) -> NextInvite {
        let counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let guesses = |failures: Option<&Failures>| {
            failures.is_some_and(|f| f.count >= INVITE_FAILURES_PER_MINUTE && f.since.elapsed() < WINDOW)
        };
        if guesses(counts.members.get(&member)) {
            NextInvite::Refused
        } else if guesses(counts.addresses.get(&network(address))) {
            NextInvite::After(INVITE_PAUSE)
        } else {
            NextInvite::Now
        }
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
        // Mostly fresh ones: forgiven all at once, or soon every guess would look through all of them.
        if failures.len() >= INVITE_FAILURES_TRACKED / 2 {
            failures.clear();
        }
    }
    let entry = failures.entry(key).or_insert(Failures { since: Instant::now(), count: 0 });
    if entry.since.elapsed() >= WINDOW {
        *entry = Failures { since: Instant::now(), count: 0 };
    }
    entry.count += 1;
}
