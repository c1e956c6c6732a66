//! Which other peers a peer is told of (BEP 11): what has changed since it was told last.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use peer_wire::{PexMessage, PexPeer};

use crate::time::Timestamp;

/// From one telling to the next, at least: BEP 11 wants no more, and some close who tells more often.
const EVERY: Duration = Duration::from_secs(60);
/// Peers of one message that came, and as many that went (BEP 11). The others' turn is in the next one.
const CHANGES_MAX: usize = 50;

/// Peers that can be told of, by where they accept connections.
pub type Tellable = BTreeMap<SocketAddr, PexPeer>;

/// What one peer was told.
#[derive(Debug, Default)]
pub struct Told {
    addresses: BTreeSet<SocketAddr>,
    not_before: Timestamp,
}

impl Told {
    /// It may hear something now.
    pub fn is_due(&self, now: Timestamp) -> bool {
        now >= self.not_before
    }

    /// What is news to a peer at `to`; `None`: nothing, or it is too early.
    pub fn next(&mut self, to: SocketAddr, all: &Tellable, now: Timestamp) -> Option<PexMessage> {
        if !self.is_due(now) {
            return None;
        }
        let concerns = |address: &SocketAddr| *address != to && is_reached_from(to.ip(), address.ip());
        let came = all.values().filter(|peer| !self.addresses.contains(&peer.address) && concerns(&peer.address));
        let added: Vec<PexPeer> = came.take(CHANGES_MAX).copied().collect();
        let went = self.addresses.iter().filter(|address| !all.contains_key(address));
        let dropped: Vec<SocketAddr> = went.take(CHANGES_MAX).copied().collect();
        if added.is_empty() && dropped.is_empty() {
            return None;
        }
        self.addresses.retain(|address| !dropped.contains(address));
        self.addresses.extend(added.iter().map(|peer| peer.address));
        self.not_before = now + EVERY;
        Some(PexMessage { added, dropped })
    }
}

/// An address of a home network is of use in homes only, and says something of this one.
fn is_reached_from(from: IpAddr, address: IpAddr) -> bool {
    reach(address).is_some_and(|reach_of_it| reach(from).is_some_and(|own| own <= reach_of_it))
}

/// From where an address is reached: 0 this machine, 1 its network, 2 everywhere. `None`: only with a scope, which is not told.
fn reach(ip: IpAddr) -> Option<u8> {
    match ip.to_canonical() {
        ip if ip.is_loopback() => Some(0),
        IpAddr::V4(ip) if ip.is_private() || ip.is_link_local() => Some(1),
        IpAddr::V6(ip) if ip.is_unicast_link_local() => None,
        IpAddr::V6(ip) if ip.is_unique_local() => Some(1),
        _ => Some(2),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TO: &str = "203.0.113.1:6881";

    fn at(seconds: u64) -> Timestamp {
        Timestamp(seconds * 1_000_000)
    }

    fn all(addresses: &[&str]) -> Tellable {
        let peers = addresses.iter().map(|address| PexPeer::from(address.parse::<SocketAddr>().unwrap()));
        peers.map(|peer| (peer.address, peer)).collect()
    }

    fn addresses(message: PexMessage) -> (Vec<String>, Vec<String>) {
        let added = message.added.iter().map(|peer| peer.address.to_string()).collect();
        (added, message.dropped.iter().map(ToString::to_string).collect())
    }

    fn next(told: &mut Told, to: &str, tellable: &[&str], now: Timestamp) -> Option<(Vec<String>, Vec<String>)> {
        told.next(to.parse().unwrap(), &all(tellable), now).map(addresses)
    }

    #[test]
    fn a_peer_hears_who_came_and_went_once_a_minute_and_never_of_itself() {
        let mut told = Told::default();
        assert_eq!(next(&mut told, TO, &[TO], at(0)), None, "nothing to tell is no telling");
        let (one, two) = ("198.51.100.1:1", "[2001:db8::1]:2");
        let first = next(&mut told, TO, &[TO, one], at(1)).unwrap();
        assert_eq!(first, (vec![one.to_owned()], vec![]));
        assert_eq!(next(&mut told, TO, &[TO, two], at(60)), None, "too early");
        let second = next(&mut told, TO, &[TO, two], at(61)).unwrap();
        assert_eq!(second, (vec![two.to_owned()], vec![one.to_owned()]));
        assert_eq!(next(&mut told, TO, &[TO, two], at(500)), None, "nothing changed");
    }

    #[test]
    fn whoever_comes_and_goes_between_two_tellings_is_not_told_of() {
        let mut told = Told::default();
        next(&mut told, TO, &["198.51.100.1:1"], at(0)).unwrap();
        assert_eq!(next(&mut told, TO, &["198.51.100.1:1", "198.51.100.2:1"], at(30)), None);
        assert_eq!(next(&mut told, TO, &["198.51.100.1:1"], at(60)), None);
    }

    #[test]
    fn of_a_crowd_fifty_are_told_of_at_a_time_and_all_in_the_end() {
        let crowd: Vec<String> = (0..120).map(|nth| format!("198.51.100.{nth}:6881")).collect();
        let crowd: Vec<&str> = crowd.iter().map(String::as_str).collect();
        let mut told = Told::default();
        let counts = [0, 60, 120].map(|now| next(&mut told, TO, &crowd, at(now)).unwrap().0.len());
        assert_eq!(counts, [50, 50, 20]);
        let counts = [180, 240, 300].map(|now| next(&mut told, TO, &[], at(now)).unwrap().1.len());
        assert_eq!(counts, [50, 50, 20]);
        assert!(told.addresses.is_empty());
    }

    #[test]
    fn addresses_of_a_home_are_told_at_home_only() {
        let everywhere = ["127.0.0.1:5", "192.168.1.7:5", "198.51.100.1:5", "[fd00::7]:5", "[fe80::1]:5"];
        let heard = |to: &str| next(&mut Told::default(), to, &everywhere, at(0)).unwrap().0;
        assert_eq!(heard(TO), ["198.51.100.1:5"]);
        assert_eq!(heard("192.168.1.9:5"), ["192.168.1.7:5", "198.51.100.1:5", "[fd00::7]:5"]);
        assert_eq!(heard("127.0.0.1:6").len(), 4, "a link-local address is of no use without its scope");
    }
}
