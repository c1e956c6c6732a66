//! Where a native peer may be tried, and who is told. The tracker tells nobody to knock at a door that
//! cannot be the peer's own: members claim what they like, and others dial what they are told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use wire_protocol::control::{ADDRESSES_MAX, Listen};

use crate::address::network;

/// Below it are services that a peer has no business to be sent to.
const PORT_MIN: u16 = 1024;

/// Where a native peer may be tried.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    port: u16,
    /// Where the tracker sees it come from.
    observed: IpAddr,
    /// Private addresses that it claims.
    claimed: Vec<IpAddr>,
}

impl Reach {
    /// What of an announced address is kept; `None`: nobody can be sent there.
    pub fn new(listen: Option<&Listen>, observed: IpAddr) -> Option<Self> {
        let listen = listen.filter(|listen| listen.port >= PORT_MIN)?;
        let observed = observed.to_canonical();
        let mut claimed = Vec::new();
        for ip in listen.local.iter().take(ADDRESSES_MAX).map(IpAddr::to_canonical) {
            let is_new = ip != observed && !claimed.contains(&ip);
            if is_new && matches!(Scope::of(ip), Scope::Private(_)) {
                claimed.push(ip);
            }
        }
        Some(Self { port: listen.port, observed, claimed })
    }

    /// Where the tracker sees it come from.
    pub fn observed(&self) -> IpAddr {
        self.observed
    }

    /// What a member whom the tracker sees at `receiver` is told:
    /// - the observed address, if it means the same host for both: a public one does everywhere, a private one
    ///   in one network, loopback on one machine;
    /// - the claimed addresses, if both come from the same address: then they may share a private network.
    pub fn told_to(&self, receiver: IpAddr) -> Vec<SocketAddr> {
        let receiver = receiver.to_canonical();
        let is_common = match Scope::of(self.observed) {
            Scope::Public => true,
            Scope::Private(network) => Scope::of(receiver) == Scope::Private(network),
            Scope::Machine => receiver == self.observed,
            Scope::Nowhere => false,
        };
        let observed = is_common.then_some(self.observed);
        let is_together = network(receiver) == network(self.observed);
        let claimed = self.claimed.iter().copied().filter(|_| is_together);
        observed.into_iter().chain(claimed).map(|ip| SocketAddr::new(ip, self.port)).collect()
    }
}

/// Where an address means the same host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Scope {
    Public,
    Private(Network),
    Machine,
    /// Link-local (cloud providers keep their machines' secrets there), multicast, unspecified.
    Nowhere,
}

/// Private address space (RFC 1918, RFC 6598, RFC 4193), each by itself: a house has one of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Network {
    Ten,
    OneSevenTwo,
    OneNineTwo,
    Shared,
    UniqueLocal,
}

impl Scope {
    fn of(ip: IpAddr) -> Self {
        match ip {
            _ if ip.is_loopback() => Self::Machine,
            _ if ip.is_unspecified() || ip.is_multicast() => Self::Nowhere,
            IpAddr::V4(ip) => Self::of_v4(ip),
            IpAddr::V6(ip) if ip.is_unicast_link_local() => Self::Nowhere,
            IpAddr::V6(ip) if ip.is_unique_local() => Self::Private(Network::UniqueLocal),
            IpAddr::V6(_) => Self::Public,
        }
    }

    fn of_v4(ip: Ipv4Addr) -> Self {
        match ip.octets() {
            [0, ..] | [255, 255, 255, 255] | [169, 254, ..] => Self::Nowhere,
            [10, ..] => Self::Private(Network::Ten),
            [172, 16..=31, ..] => Self::Private(Network::OneSevenTwo),
            [192, 168, ..] => Self::Private(Network::OneNineTwo),
            [100, 64..=127, ..] => Self::Private(Network::Shared),
            _ => Self::Public,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn told(claimed: &[&str], port: u16, observed: &str, receiver: &str) -> Vec<String> {
        let listen = Listen { port, local: claimed.iter().map(|text| ip(text)).collect() };
        let reach = Reach::new(Some(&listen), ip(observed));
        reach.map_or_else(Vec::new, |reach| reach.told_to(ip(receiver)).iter().map(ToString::to_string).collect())
    }

    #[test]
    fn private_addresses_are_told_in_the_same_house_only() {
        let claimed = ["192.168.1.7", "fd00::7"];
        let own = ["203.0.113.9:6881", "192.168.1.7:6881", "[fd00::7]:6881"];
        assert_eq!(told(&claimed, 6881, "203.0.113.9", "203.0.113.9"), own);
        assert_eq!(told(&claimed, 6881, "203.0.113.9", "::ffff:203.0.113.9"), own);
        assert_eq!(told(&claimed, 6881, "203.0.113.9", "198.51.100.1"), own[..1]);
        // One house has a /64.
        let six = told(&claimed[..1], 6881, "2001:db8::9", "2001:db8::aa");
        assert_eq!(six, ["[2001:db8::9]:6881", "192.168.1.7:6881"]);
        assert_eq!(told(&claimed, 6881, "2001:db8::9", "2001:db8:1::9").len(), 1);
    }

    #[test]
    fn nobody_is_sent_to_services_of_other_machines() {
        let claimed = ["169.254.169.254", "127.0.0.1", "::1", "8.8.8.8", "2001:db8::1", "fe80::1", "0.0.0.0"];
        assert_eq!(told(&claimed, 6881, "203.0.113.9", "203.0.113.9"), ["203.0.113.9:6881"]);
        for port in [0, 22, 1023] {
            assert!(told(&["192.168.1.1"], port, "203.0.113.9", "203.0.113.9").is_empty());
        }
        assert_eq!(Reach::new(None, ip("203.0.113.9")), None);
    }

    #[test]
    fn an_observed_address_is_told_where_it_means_the_same_host() {
        // As behind a proxy that nobody told the server of.
        assert!(told(&[], 6881, "127.0.0.1", "203.0.113.9").is_empty());
        assert_eq!(told(&[], 6881, "127.0.0.1", "127.0.0.1"), ["127.0.0.1:6881"]);
        // A server at home.
        assert_eq!(told(&[], 6881, "192.168.1.7", "192.168.1.9"), ["192.168.1.7:6881"]);
        assert!(told(&[], 6881, "192.168.1.7", "10.0.0.9").is_empty());
        assert!(told(&[], 6881, "192.168.1.7", "203.0.113.9").is_empty());
        assert!(told(&[], 6881, "169.254.1.7", "169.254.1.7").is_empty());
    }
}
