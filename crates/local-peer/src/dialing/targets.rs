//! How often strangers' addresses are dialed. Anybody can tell a tracker, the DHT or a peer of an address that is not theirs, and many
//! such addresses may be one machine's.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use crate::Timestamp;

/// Within this time.
const WITHIN: Duration = Duration::from_secs(60);
/// Dials of one address. Waits that double come to eight; a seeder that closes what is idle is dialed whenever it is wanted.
const PER_ADDRESS: usize = 12;
/// Dials of one machine, whatever the port: a household's clients come to less.
const PER_MACHINE: usize = 60;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    Address(SocketAddr),
    Machine(IpAddr),
}

impl Target {
    fn dials_max(self) -> usize {
        match self {
            Self::Address(_) => PER_ADDRESS,
            Self::Machine(_) => PER_MACHINE,
        }
    }
}

/// Dials of the last minute, by their targets.
#[derive(Debug, Default)]
pub(super) struct Targets(BTreeMap<Target, VecDeque<Timestamp>>);

impl Targets {
    /// When this address may be dialed: now, or later.
    pub fn free_at(&self, address: SocketAddr, now: Timestamp) -> Timestamp {
        let free_at = |target: Target| {
            let dials = self.0.get(&target)?;
            let earliest = dials.len().checked_sub(target.dials_max())?;
            dials.get(earliest).map(|at| *at + WITHIN)
        };
        both(address).into_iter().filter_map(free_at).fold(now, Timestamp::max)
    }

    /// It is dialed.
    pub fn on_dial(&mut self, address: SocketAddr, now: Timestamp) {
        self.0.retain(|_, dials| {
            while dials.pop_front_if(|at| *at + WITHIN <= now).is_some() {}
            !dials.is_empty()
        });
        for target in both(address) {
            self.0.entry(target).or_default().push_back(now);
        }
    }
}

fn both(address: SocketAddr) -> [Target; 2] {
    [Target::Address(address), Target::Machine(machine(address.ip()))]
}

/// Whoever has IPv6 has a /64 of it.
fn machine(ip: IpAddr) -> IpAddr {
    match ip.to_canonical() {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        ip => ip,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn address(text: &str) -> SocketAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_is_dialed_twelve_times_a_minute_at_most() {
        let mut targets = Targets::default();
        let (one, other) = (address("203.0.113.9:6881"), address("203.0.113.10:6881"));
        for second in 0..12 {
            assert_eq!(targets.free_at(one, at(second)), at(second));
            targets.on_dial(one, at(second));
        }
        assert_eq!(targets.free_at(one, at(12)), at(60));
        assert_eq!(targets.free_at(other, at(12)), at(12));
        targets.on_dial(one, at(60));
        assert_eq!(targets.free_at(one, at(60)), at(61));
    }

    #[test]
    fn a_machine_of_many_ports_is_dialed_sixty_times_a_minute_at_most_and_forgotten_then() {
        let mut targets = Targets::default();
        for port in 2_000..2_060 {
            let nth = SocketAddr::new(address("[2001:db8::1]:1").ip(), port);
            assert_eq!(targets.free_at(nth, at(1)), at(1));
            targets.on_dial(nth, at(1));
        }
        assert_eq!(targets.free_at(address("[2001:db8::2]:9"), at(2)), at(61), "its network is its own");
        targets.on_dial(address("203.0.113.9:6881"), at(61));
        assert_eq!(targets.0.len(), 2, "what was is forgotten");
    }
}
