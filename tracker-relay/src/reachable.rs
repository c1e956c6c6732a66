//! By which address somebody who is told where the server listens reaches it: "any address" is none.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// Addresses that are routed like any outside one, and belong to nobody (RFC 5737, RFC 3849).
const OUTSIDE: [IpAddr; 2] =
    [IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1))];
/// Discards what it gets (RFC 863). Nothing is sent.
const PORT: u16 = 9;

/// What to tell people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reachable {
    /// The address of the default route where there is one.
    pub best: SocketAddr,
    /// Further ones.
    pub also: Vec<SocketAddr>,
}

impl Reachable {
    /// By the routing table of this moment, if the server listens on any address.
    pub fn of(listening: SocketAddr) -> Self {
        if !listening.ip().is_unspecified() {
            return Self { best: listening, also: Vec::new() };
        }
        Self::among(listening, OUTSIDE.into_iter().filter_map(source_of))
    }

    fn among(listening: SocketAddr, sources: impl Iterator<Item = IpAddr>) -> Self {
        // Whoever listens on any IPv6 address does so on any IPv4 address, too.
        let is_listened_on = |ip: &IpAddr| ip.is_ipv4() || listening.is_ipv6();
        let mut also: Vec<_> = sources.filter(is_listened_on).map(|ip| SocketAddr::new(ip, listening.port())).collect();
        let here = match listening {
            SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
            SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
        };
        also.push(SocketAddr::new(here, listening.port()));
        let best = also.remove(0);
        Self { best, also }
    }
}

/// From which address of this computer packets go there. Connecting a UDP socket sends nothing: it asks the routing table.
fn source_of(outside: IpAddr) -> Option<IpAddr> {
    let any: IpAddr = if outside.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect((outside, PORT)).ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among(listening: &str, sources: &[&str]) -> (String, Vec<String>) {
        let sources = sources.iter().map(|ip| ip.parse().unwrap());
        let Reachable { best, also } = Reachable::among(listening.parse().unwrap(), sources);
        (best.to_string(), also.iter().map(SocketAddr::to_string).collect())
    }

    #[test]
    fn any_address_is_told_as_one_that_others_can_use() {
        let of = |best: &str, also: &[&str]| (best.to_owned(), also.iter().map(|&text| text.to_owned()).collect());
        let both = ["192.168.1.7", "2001:db8::7"];
        assert_eq!(among("0.0.0.0:8080", &both), of("192.168.1.7:8080", &["127.0.0.1:8080"]));
        assert_eq!(among("[::]:8080", &both), of("192.168.1.7:8080", &["[2001:db8::7]:8080", "[::1]:8080"]));
        assert_eq!(among("[::]:8080", &[]), of("[::1]:8080", &[]));
        assert_eq!(among("0.0.0.0:8080", &[]), of("127.0.0.1:8080", &[]));
    }

    #[test]
    fn any_other_address_is_told_as_it_is() {
        for address in ["127.0.0.1:8080", "192.168.1.7:80", "[::1]:8080"] {
            let address = address.parse().unwrap();
            assert_eq!(Reachable::of(address), Reachable { best: address, also: Vec::new() });
        }
    }
}
