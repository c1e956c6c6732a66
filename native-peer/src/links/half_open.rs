//! Connections that have not said who they are: few in all, and few of one address.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex};

/// Of all addresses together.
const HALF_OPEN_MAX: usize = 64;
/// Of one address.
const HALF_OPEN_PER_ADDRESS: usize = 8;

/// How many there are, by address.
#[derive(Debug, Clone, Default)]
pub struct HalfOpen(Arc<Mutex<HashMap<IpAddr, usize>>>);

impl HalfOpen {
    /// A place for one more, until it is dropped; `None`: there are too many.
    pub fn enter(&self, from: IpAddr) -> Option<Place> {
        let from = one_of(from);
        let mut counts = self.0.lock().expect("nothing panics while it holds this");
        let of_address = counts.get(&from).copied().unwrap_or(0);
        if of_address >= HALF_OPEN_PER_ADDRESS || counts.values().sum::<usize>() >= HALF_OPEN_MAX {
            return None;
        }
        counts.insert(from, of_address + 1);
        Some(Place { half_open: self.clone(), from })
    }
}

/// A dual-stack socket shows IPv4 addresses inside IPv6 ones; whoever has IPv6 has a /64 of them.
fn one_of(from: IpAddr) -> IpAddr {
    match from.to_canonical() {
        IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() >> 64 << 64).into(),
        address => address,
    }
}

/// One of them.
#[derive(Debug)]
pub struct Place {
    half_open: HalfOpen,
    from: IpAddr,
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.half_open.0.lock().expect("nothing panics while it holds this");
        if let Some(count) = counts.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.from);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_takes_eight_places_and_leaves_the_rest_to_others() {
        let half_open = HalfOpen::default();
        let one: IpAddr = "203.0.113.7".parse().unwrap();
        let as_ipv6: IpAddr = "::ffff:203.0.113.7".parse().unwrap();
        let mut places: Vec<_> = (0..4).flat_map(|_| [half_open.enter(one), half_open.enter(as_ipv6)]).collect();
        assert!(places.iter().all(Option::is_some));
        assert!(half_open.enter(one).is_none());
        assert!(half_open.enter("203.0.113.8".parse().unwrap()).is_some());
        places.pop();
        assert!(half_open.enter(one).is_some(), "a place that is left is free");
        drop(places);
        assert!(half_open.0.lock().unwrap().is_empty(), "nothing is kept of who is gone");
    }

    #[test]
    fn a_network_of_ipv6_is_one_address_and_all_together_have_a_bound() {
        let half_open = HalfOpen::default();
        let of =
            |network: u128, host: u128| IpAddr::from(Ipv6Addr::from_bits((0x2001_0db8 << 96) | network << 64 | host));
        let places: Vec<_> = (0..100).filter_map(|host| half_open.enter(of(1, host))).collect();
        assert_eq!(places.len(), HALF_OPEN_PER_ADDRESS);
        let others: Vec<_> = (2..200).filter_map(|network| half_open.enter(of(network, 1))).collect();
        assert_eq!(places.len() + others.len(), HALF_OPEN_MAX);
    }
}
