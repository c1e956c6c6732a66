//! Whom an address stands for, when somebody is counted by it.

use std::net::IpAddr;

/// A site with a /48 of IPv6 has 65,536 households' worth of addresses, and gets four times what one of them gets.
const SITE_FACTOR: usize = 4;

/// What counts as one, with the bits of it that matter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    base: IpAddr,
    bits: u8,
}

/// One household or host: an IPv4 address, or a whole /64 of IPv6.
pub fn network(address: IpAddr) -> IpAddr {
    masked(address, 64)
}

/// The networks that an address counts for, and how many times what one host may have each of them may have. None for
/// loopback: what comes from there is the operator's, or a proxy's that we do not know of, and so everybody's.
pub fn networks(address: IpAddr) -> impl Iterator<Item = (Network, usize)> {
    let address = address.to_canonical();
    let host = Network { base: network(address), bits: 64 };
    let site = address.is_ipv6().then(|| (Network { base: masked(address, 48), bits: 48 }, SITE_FACTOR));
    let both = (!address.is_loopback()).then(|| std::iter::once((host, 1)).chain(site));
    both.into_iter().flatten()
}

fn masked(address: IpAddr, bits: u32) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => IpAddr::from((u128::from(v6) & (u128::MAX << (128 - bits))).to_be_bytes()),
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Vec<(Network, usize)> {
        networks(text.parse().unwrap()).collect()
    }

    #[test]
    fn a_site_counts_beside_its_households_and_loopback_not_at_all() {
        assert_eq!(of("2001:db8:1:2::7"), of("2001:db8:1:2:ffff::8"));
        let (ours, theirs) = (of("2001:db8:1:2::7"), of("2001:db8:1:3::7"));
        assert_ne!(ours[0], theirs[0]);
        assert_eq!(ours[1], theirs[1]);
        assert_eq!(ours[1].1, SITE_FACTOR);
        assert_ne!(ours[1].0, of("2001:db8:2:2::7")[1].0);
        // Not the /64 of the same bits.
        assert_ne!(of("2001:db8:1::7")[0].0, of("2001:db8:1::7")[1].0);
        assert_eq!(of("203.0.113.7"), of("::ffff:203.0.113.7"));
        assert_eq!((of("203.0.113.7").len(), of("127.0.0.1").len(), of("::1").len()), (1, 0, 0));
    }
}
