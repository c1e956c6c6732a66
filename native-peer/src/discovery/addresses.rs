//! Which addresses are nobody's.

use std::net::{IpAddr, SocketAddr};

/// Those that one peer can be at: a port, and neither a group of machines nor none. IPv4 within IPv6 becomes IPv4. Which
/// address is this program's own, the local peer knows.
pub(super) fn dialable(addresses: impl IntoIterator<Item = SocketAddr>) -> Vec<SocketAddr> {
    // What stays IPv6 keeps its scope: a link-local address is of no use without it.
    let canonical = |address: SocketAddr| match address.ip().to_canonical() {
        IpAddr::V4(ip) => SocketAddr::from((ip, address.port())),
        IpAddr::V6(_) => address,
    };
    addresses.into_iter().map(canonical).filter(|address| address.port() != 0 && is_a_machine(address.ip())).collect()
}

fn is_a_machine(ip: IpAddr) -> bool {
    let is_broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast() || ip.octets()[0] == 0);
    !ip.is_unspecified() && !ip.is_multicast() && !is_broadcast
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_link_local_address_keeps_its_scope() {
        let address = "[fe80::1%3]:5".parse().unwrap();
        assert_eq!(dialable([address]), [address]);
    }

    #[test]
    fn nobody_is_at_port_0_or_at_an_address_of_many_or_of_none() {
        let all = [
            "1.2.3.4:5",
            "1.2.3.4:0",
            "0.0.0.0:5",
            "0.1.2.3:5",
            "224.0.0.1:5",
            "239.192.152.143:5",
            "255.255.255.255:5",
            "[::]:5",
            "[ff02::1]:5",
            "[2001:db8::1]:5",
            "[::ffff:1.2.3.4]:6",
            "[::ffff:224.0.0.1]:5",
            "127.0.0.1:5",
        ];
        let dialable = dialable(all.map(|address| address.parse().unwrap()));
        let expected = ["1.2.3.4:5", "[2001:db8::1]:5", "1.2.3.4:6", "127.0.0.1:5"];
        assert_eq!(dialable, expected.map(|address| address.parse().unwrap()));
    }
}
