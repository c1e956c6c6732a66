//! Addresses of this computer in private networks, for peers in the same one.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The address that packets to the outside carry. Connecting a UDP socket sends nothing; it asks the
/// system's routing table, which is the one way to know without system-specific code.
pub fn own_addresses() -> Vec<IpAddr> {
    // TEST-NET-1 (RFC 5737): routed like any outside address, belongs to nobody.
    const OUTSIDE: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 9);
    let own = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).and_then(|socket| {
        socket.connect(OUTSIDE)?;
        socket.local_addr()
    });
    own.ok().map(|address| address.ip()).filter(|ip| !ip.is_loopback() && !ip.is_unspecified()).into_iter().collect()
}
