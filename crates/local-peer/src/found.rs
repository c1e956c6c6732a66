//! Strangers' peers, of whom nothing is known but an address. Trackers, the DHT and other peers tell of a few at a time
//! and never who is gone, so the latest are kept.

use std::collections::{BTreeMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use crate::Identity;
use crate::candidate::{Candidate, Source};
use crate::candidate_list::CandidateList;

/// Addresses of one source that are kept.
const FOUND_MAX: usize = 500;

impl Candidate {
    /// An ordinary client's peer at this address, as far as it is known. All that come from one address are one person
    /// to bans and totals: nothing else is known of them.
    pub fn stranger(address: SocketAddr) -> Self {
        let ip = address.ip().to_canonical();
        Self {
            identity: Some(identity(ip)),
            name: SocketAddr::new(ip, address.port()).to_string(),
            addresses: vec![address],
            ..Self::default()
        }
    }

    /// The same, connected to us: where it accepts connections is not known.
    pub fn caller(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        Self { identity: Some(identity(ip)), name: ip.to_string(), caller: Some(ip), ..Self::default() }
    }
}

/// No member's key: those have no run of zeros in front.
fn identity(ip: IpAddr) -> Identity {
    let ip = match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped(),
        IpAddr::V6(ip) => ip,
    };
    let mut identity = [0; 32];
    identity[16..].copy_from_slice(&ip.octets());
    Identity(identity)
}

/// What all such sources have told.
#[derive(Debug, Default)]
pub(crate) struct Found(BTreeMap<Source, Known>);

#[derive(Debug, Default)]
struct Known {
    /// The latest at the front.
    latest: VecDeque<SocketAddr>,
    list: CandidateList,
}

impl Found {
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns what is known from this source now, if that is more than before.
    pub fn add(&mut self, source: Source, addresses: Vec<SocketAddr>) -> Option<CandidateList> {
        let known = self.0.entry(source).or_default();
        for address in addresses.into_iter().take(FOUND_MAX) {
            if !known.latest.contains(&address) {
                known.latest.push_front(address);
            }
        }
        known.latest.truncate(FOUND_MAX);
        let list = known.list.next(known.latest.iter().map(|address| Candidate::stranger(*address)))?;
        known.list = list.clone();
        Some(list)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(nth: usize) -> SocketAddr {
        SocketAddr::from(([10, 0, (nth >> 8) as u8, nth as u8], 6881))
    }

    #[test]
    fn what_a_source_told_before_is_kept_until_there_is_too_much() {
        let mut found = Found::default();
        assert_eq!(found.add(Source::Tracker, vec![address(1), address(2)]).map(|list| list.len()), Some(2));
        assert!(found.add(Source::Tracker, vec![address(2)]).is_none());
        assert_eq!(found.add(Source::Tracker, vec![address(3)]).map(|list| list.len()), Some(3));
        assert_eq!(found.add(Source::Dht, vec![address(1)]).map(|list| list.len()), Some(1));
        let list = found.add(Source::Tracker, (10..10 + FOUND_MAX).map(address).collect()).unwrap();
        assert_eq!(list.len(), FOUND_MAX);
        assert!(!list.iter().any(|candidate| candidate.addresses == [address(1)]));
    }

    #[test]
    fn whoever_calls_from_an_address_is_who_is_dialed_there() {
        let dialed = Candidate::stranger("203.0.113.9:6881".parse().unwrap());
        let mapped = Candidate::caller("::ffff:203.0.113.9".parse().unwrap());
        assert_eq!(dialed.identity, mapped.identity);
        assert_ne!(dialed.identity, Candidate::caller("203.0.113.8".parse().unwrap()).identity);
        assert_eq!((&dialed.name[..], &mapped.name[..]), ("203.0.113.9:6881", "203.0.113.9"));
    }
}
