//! Addresses of this computer in private networks, for peers in the same one.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

/// TEST-NET-1 (RFC 5737): routed like any outside address, belongs to nobody.
const OUTSIDE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
/// A unique local address (RFC 4193): who has one of those uses it to reach another (RFC 6724, rule 6).
const UNIQUE_LOCAL: SocketAddr = SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xfd00, 0, 0, 0, 0, 0, 0, 1)), 9);

/// The addresses that packets to the outside and inside a private IPv6 network carry. A global IPv6 address is
/// none of them: the tracker sees it, if it is reached over IPv6.
pub fn own_addresses() -> Vec<IpAddr> {
    let ipv4 = source_of(OUTSIDE).filter(|ip| !ip.is_loopback() && !ip.is_unspecified());
    let ipv6 = source_of(UNIQUE_LOCAL).filter(is_unique_local);
    ipv4.into_iter().chain(ipv6).collect()
}

/// Connecting a UDP socket sends nothing; it asks the system's routing table, which is the one way to know
/// without system-specific code.
fn source_of(packets_to: SocketAddr) -> Option<IpAddr> {
    let any: IpAddr = if packets_to.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
    let socket = UdpSocket::bind((any, 0)).ok()?;
    socket.connect(packets_to).ok()?;
    Some(socket.local_addr().ok()?.ip())
}

fn is_unique_local(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(address) if address.is_unique_local())
}
