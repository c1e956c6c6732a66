//! Something that there is only so much of: all have a budget together, and no member and no address takes more than
//! a part of it.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use wire_protocol::ids::MemberKey;

use crate::address::{Network, networks};
use crate::limits::Limit;
use crate::metrics::Metrics;
use crate::tally::Tally;

/// Who takes something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Who {
    pub member: MemberKey,
    /// Where the server sees them come from.
    pub address: IpAddr,
}

/// How much there is, and what is said of whoever wants more.
#[derive(Debug, Clone, Copy)]
pub struct Portion {
    pub max: usize,
    pub limit: Limit,
}

/// How much there is for all, for one member and for one address.
#[derive(Debug, Clone, Copy)]
pub struct Portions {
    pub all: Portion,
    pub member: Portion,
    /// IPv6 by /64; a /48 has a few times as much.
    pub address: Portion,
}

/// What is taken of a budget.
#[derive(Debug)]
pub struct Shares {
    portions: Portions,
    taken: Mutex<Taken>,
    metrics: Arc<Metrics>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    members: Tally<MemberKey>,
    networks: Tally<Network>,
}

/// A part that somebody has; given back when dropped.
#[derive(Debug)]
pub struct Share {
    shares: Arc<Shares>,
    who: Who,
    amount: usize,
}

impl Shares {
    /// Nothing is taken yet.
    pub fn new(portions: Portions, metrics: Arc<Metrics>) -> Self {
        Self { portions, taken: Mutex::default(), metrics }
    }

    /// Takes a part for somebody.
    ///
    /// # Errors
    /// Which limit it would exceed; it has been counted.
    pub fn take(self: &Arc<Self>, who: Who, amount: usize) -> Result<Share, Limit> {
        let mut share = Share { shares: self.clone(), who, amount: 0 };
        share.grow(amount)?;
        Ok(share)
    }

    fn add(&self, who: Who, amount: usize) -> Result<(), Limit> {
        let Portions { all, member, address } = self.portions;
        let mut taken = self.lock();
        let fits = |now: usize, max: usize| now + amount <= max;
        // One's own first: who takes too much is told so, and not that the server is full.
        if !fits(taken.members.of(&who.member), member.max) {
            return Err(member.limit);
        }
        if !networks(who.address).all(|(net, times)| fits(taken.networks.of(&net), address.max * times)) {
            return Err(address.limit);
        }
        if !fits(taken.all, all.max) {
            return Err(all.limit);
        }
        taken.all += amount;
        taken.members.add(who.member, amount);
        for (network, _) in networks(who.address) {
            taken.networks.add(network, amount);
        }
        Ok(())
    }

    fn give_back(&self, who: Who, amount: usize) {
        let mut taken = self.lock();
        taken.all -= amount;
        taken.members.subtract(who.member, amount);
        for (network, _) in networks(who.address) {
            taken.networks.subtract(network, amount);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Share {
    /// Takes more.
    ///
    /// # Errors
    /// Which limit that would exceed; it has been counted. What was there before stays.
    pub fn grow(&mut self, by: usize) -> Result<(), Limit> {
        let grown = self.shares.add(self.who, by);
        match grown {
            Ok(()) => self.amount += by,
            Err(limit) => self.shares.metrics.refused.count(limit),
        }
        grown
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        self.shares.give_back(self.who, self.amount);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shares() -> Arc<Shares> {
        let portion = |max, limit| Portion { max, limit };
        let portions = Portions {
            all: portion(10, Limit::InfoParts),
            member: portion(3, Limit::InfoPartsOfMember),
            address: portion(5, Limit::InfoPartsOfAddress),
        };
        Arc::new(Shares::new(portions, Arc::default()))
    }

    fn who(member: u8, address: &str) -> Who {
        Who { member: MemberKey([member; 32]), address: address.parse().unwrap() }
    }

    #[test]
    fn a_member_an_address_and_a_site_have_a_part_and_others_still_get_theirs() {
        let shares = shares();
        let _first = shares.take(who(1, "192.0.2.1"), 3).unwrap();
        assert_eq!(shares.take(who(1, "192.0.2.2"), 1).unwrap_err(), Limit::InfoPartsOfMember);
        let mut second = shares.take(who(2, "192.0.2.1"), 1).unwrap();
        second.grow(1).unwrap();
        assert_eq!(shares.take(who(3, "192.0.2.1"), 1).unwrap_err(), Limit::InfoPartsOfAddress);
        let _third = shares.take(who(3, "192.0.2.3"), 3).unwrap();
        assert_eq!(shares.take(who(4, "192.0.2.4"), 3).unwrap_err(), Limit::InfoParts);
        drop(second);
        shares.take(who(4, "192.0.2.1"), 2).unwrap();
        assert!(shares.metrics.render().contains("tr_refused_total{limit=\"info_parts_of_address\"} 1\n"));
    }

    #[test]
    fn what_nobody_has_is_not_remembered() {
        let shares = shares();
        let share = shares.take(who(1, "2001:db8::1"), 2).unwrap();
        assert!(shares.take(who(1, "2001:db8::1"), 2).is_err());
        drop(share);
        let taken = shares.lock();
        assert!(taken.all == 0 && taken.members.is_empty() && taken.networks.is_empty());
    }
}
