//! Counts wrong invites and passwords per member and per address.
//!
//! A member who guesses has to wait. An address is only slowed down, because it may be the address of
//! many: everybody behind one router, or behind a reverse proxy that this server was not told of.
//! Invites each wait for a moment; passwords, which people think up, are looked at one after the other.

use std::collections::HashMap;
use std::hash::Hash;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use wire_protocol::ids::MemberKey;

use crate::address::network;
use crate::limits::{INVITE_FAILURES_PER_MINUTE, INVITE_FAILURES_TRACKED, INVITE_PAUSE, PASSWORDS_WAITING_MAX};

const WINDOW: Duration = Duration::from_secs(60);

/// What can be guessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Guess {
    /// A slug as well as a secret. The secret is 128 bits: nobody guesses it, from however many keys.
    Invite,
    /// People think them up: there is no use in guessing them from many keys at once.
    Password,
}

/// Who guesses. In memory: a restart forgives.
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
    /// This member has to wait a minute; or so many at this address guess that their turn is too far away.
    Refused,
}

#[derive(Debug, Default)]
struct Counts {
    members: HashMap<MemberKey, Failures>,
    invites: HashMap<IpAddr, Failures>,
    passwords: HashMap<IpAddr, Failures>,
}

#[derive(Debug)]
struct Failures {
    since: Instant,
    count: u32,
    /// When the next one is looked at, if there are too many.
    next_at: Instant,
}

impl InviteFailures {
    /// What becomes of the next one.
    pub fn look_at(&self, guess: Guess, member: MemberKey, address: IpAddr) -> NextInvite {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.members.get(&member).is_some_and(Failures::are_many) {
            return NextInvite::Refused;
        }
        let address = network(address);
        match guess {
            Guess::Invite if counts.invites.get(&address).is_some_and(Failures::are_many) => {
                NextInvite::After(INVITE_PAUSE)
            }
            Guess::Password => match counts.passwords.get_mut(&address).filter(|failures| failures.are_many()) {
                Some(failures) => failures.next_turn(),
                None => NextInvite::Now,
            },
            Guess::Invite => NextInvite::Now,
        }
    }

    /// One more that was wrong.
    pub fn count(&self, guess: Guess, member: MemberKey, address: IpAddr) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        count(&mut counts.members, member);
        let of_address = match guess {
            Guess::Invite => &mut counts.invites,
            Guess::Password => &mut counts.passwords,
        };
        count(of_address, network(address));
    }
}

impl Failures {
    fn new() -> Self {
        Self { since: Instant::now(), count: 0, next_at: Instant::now() }
    }

    fn are_many(&self) -> bool {
        self.count >= INVITE_FAILURES_PER_MINUTE && self.since.elapsed() < WINDOW
    }

    fn next_turn(&mut self) -> NextInvite {
        let now = Instant::now();
        let turn = self.next_at.max(now) + INVITE_PAUSE;
        if turn - now > INVITE_PAUSE * PASSWORDS_WAITING_MAX {
            return NextInvite::Refused;
        }
        self.next_at = turn;
        NextInvite::After(turn - now)
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
    let entry = failures.entry(key).or_insert_with(Failures::new);
    if entry.since.elapsed() >= WINDOW {
        *entry = Failures::new();
    }
    entry.count += 1;
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROXY: IpAddr = IpAddr::V4(std::net::Ipv4Addr::LOCALHOST);

    fn member(number: u8) -> MemberKey {
        MemberKey([number; 32])
    }

    fn guessed(guess: Guess) -> InviteFailures {
        let failures = InviteFailures::default();
        (0..INVITE_FAILURES_PER_MINUTE).for_each(|_| failures.count(guess, member(1), PROXY));
        failures
    }

    #[test]
    fn only_who_guesses_is_refused_whatever_they_guess() {
        for guess in [Guess::Invite, Guess::Password] {
            let failures = guessed(guess);
            assert_eq!(failures.look_at(Guess::Invite, member(1), PROXY), NextInvite::Refused);
            assert_eq!(failures.look_at(Guess::Password, member(1), PROXY), NextInvite::Refused);
            assert!(matches!(failures.look_at(guess, member(2), PROXY), NextInvite::After(_)), "{guess:?}");
        }
        assert_eq!(guessed(Guess::Invite).look_at(Guess::Password, member(2), PROXY), NextInvite::Now);
        assert_eq!(guessed(Guess::Password).look_at(Guess::Invite, member(2), PROXY), NextInvite::Now);
    }

    #[test]
    fn passwords_of_one_address_are_looked_at_one_after_the_other_from_however_many_keys() {
        let failures = guessed(Guess::Password);
        let mut before = Duration::ZERO;
        for number in 2..12 {
            let NextInvite::After(wait) = failures.look_at(Guess::Password, member(number), PROXY) else { break };
            assert!(wait > before, "{wait:?} after {before:?}");
            before = wait;
        }
        assert_eq!(failures.look_at(Guess::Password, member(99), PROXY), NextInvite::Refused);
        assert!(before <= INVITE_PAUSE * PASSWORDS_WAITING_MAX);
        let elsewhere = IpAddr::from([203, 0, 113, 7]);
        assert_eq!(failures.look_at(Guess::Password, member(99), elsewhere), NextInvite::Now);
    }
}
