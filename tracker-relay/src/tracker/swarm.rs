//! The peers of one file now.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use wire_protocol::control::{ADDRESSES_MAX, Listen, SwarmPeer};
use wire_protocol::ids::PeerId;

use super::hub::SessionId;

/// The peers of one file now.
#[derive(Debug, Default)]
pub struct Swarm {
    /// By id; ordered, so that lists are the same for everybody.
    pub peers: BTreeMap<PeerId, SwarmEntry>,
}

/// One peer, and the session it lives in.
#[derive(Debug, Clone)]
pub struct SwarmEntry {
    /// Ends with this session.
    pub session: SessionId,
    /// As others see it.
    pub peer: SwarmPeer,
}

impl Swarm {
    /// Peers that have every piece, and peers that have not (but are not only hashing).
    pub fn seeders_and_leechers(&self) -> (u32, u32) {
        let complete = self.peers.values().filter(|entry| entry.peer.progress.is_complete()).count();
        (complete as u32, (self.peers.len() - complete) as u32)
    }

    /// The peer that a session has here.
    pub fn of_session(&self, session: SessionId) -> Option<&SwarmEntry> {
        self.peers.values().find(|entry| entry.session == session)
    }
}

/// Where other native peers may try this one: the address that the tracker saw, and those claimed
/// addresses that can only mean a host in the member's own network. Anything else would make the
/// group's peers knock at strangers' doors.
pub fn dialable(listen: Option<&Listen>, observed: IpAddr) -> Vec<SocketAddr> {
    let Some(listen) = listen.filter(|listen| listen.port != 0) else { return Vec::new() };
    let observed = observed.to_canonical();
    let mut addresses = vec![SocketAddr::new(observed, listen.port)];
    for &claimed in listen.local.iter().take(ADDRESSES_MAX) {
        let claimed = SocketAddr::new(claimed.to_canonical(), listen.port);
        if is_private(claimed.ip()) && !addresses.contains(&claimed) {
            addresses.push(claimed);
        }
    }
    addresses
}

fn is_private(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => Ipv4Addr::is_private(&ip) || ip.is_link_local(),
        IpAddr::V6(ip) => Ipv6Addr::is_unique_local(&ip),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_seen_address_and_private_ones_are_told() {
        let local = ["192.168.1.7", "8.8.8.8", "127.0.0.1", "::1", "fd00::7", "2001:db8::1"];
        let listen = Listen { port: 6881, local: local.iter().map(|ip| ip.parse().unwrap()).collect() };
        let told = dialable(Some(&listen), "203.0.113.9".parse().unwrap());
        assert_eq!(told, ["203.0.113.9:6881".parse().unwrap(), "192.168.1.7:6881".parse().unwrap()]);
        let listen = Listen { port: 1, local: vec!["fd00::7".parse().unwrap()] };
        assert_eq!(dialable(Some(&listen), "::ffff:127.0.0.1".parse().unwrap()).len(), 2);
        assert!(dialable(Some(&Listen { port: 0, local: vec![] }), "127.0.0.1".parse().unwrap()).is_empty());
        assert!(dialable(None, "127.0.0.1".parse().unwrap()).is_empty());
    }
}
