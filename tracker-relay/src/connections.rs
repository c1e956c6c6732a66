//! How many connections are open, in all and by address, and how many there may be.

use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio_util::task::TaskTracker;

use crate::address::{Network, networks};
use crate::limits::{CONNECTIONS_PER_ADDRESS, CONNECTIONS_SHARE_OF_ADDRESS, CONNECTIONS_SHARE_OF_SITE, Limit};
use crate::metrics::Metrics;
use crate::proxies::TrustedProxies;
use crate::tally::Tally;

/// All open connections, and how many there may be.
#[derive(Debug)]
pub struct Connections {
    max: usize,
    max_per_address: usize,
    proxies: Arc<TrustedProxies>,
    open: Mutex<Open>,
    metrics: Arc<Metrics>,
    /// HTTP connections live here.
    pub tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_network: Tally<Network>,
}

/// Connections that one address may have, of so many.
pub fn max_per_address(max: usize) -> usize {
    CONNECTIONS_PER_ADDRESS.min(max / CONNECTIONS_SHARE_OF_ADDRESS)
}

/// One connection's place; free again when dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    peer: IpAddr,
    /// The address that it counts for.
    counted: Mutex<Option<IpAddr>>,
}

/// All places of an address are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany;

impl Connections {
    /// At most `max` of them.
    pub fn new(max: usize, proxies: Arc<TrustedProxies>, metrics: Arc<Metrics>) -> Self {
        metrics.places_allowed.set(max);
        let max_per_address = max_per_address(max);
        Self { max, max_per_address, proxies, open: Mutex::default(), metrics, tasks: TaskTracker::new() }
    }

    /// A place for a connection from this address; `None` if all are taken, or all of this address.
    pub fn enter(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let mut open = self.lock();
        if open.all >= self.max {
            self.metrics.refused.count(Limit::Connections);
            return None;
        }
        let counted = self.counted(peer);
        self.take(&mut open, counted).ok()?;
        open.all += 1;
        self.metrics.places_taken.set(open.all);
        Some(Place { connections: self.clone(), peer, counted: Mutex::new(counted) })
    }

    /// The address, unless it is a proxy's: its connections are those of many people.
    fn counted(&self, address: IpAddr) -> Option<IpAddr> {
        (!self.proxies.contains(address)).then_some(address)
    }

    fn take(&self, open: &mut Open, counted: Option<IpAddr>) -> Result<(), TooMany> {
        let mut all = counted.into_iter().flat_map(networks);
        if all.any(|(network, times)| {
            open.by_network.of(&network) >= (self.max_per_address * times).min(self.max / CONNECTIONS_SHARE_OF_SITE)
        }) {
            self.metrics.refused.count(Limit::ConnectionsOfAddress);
            return Err(TooMany);
        }
        for (network, _) in counted.into_iter().flat_map(networks) {
            open.by_network.add(network, 1);
        }
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn give_back(&mut self, counted: Option<IpAddr>) {
        for (network, _) in counted.into_iter().flat_map(networks) {
            self.by_network.subtract(network, 1);
        }
    }
}

impl Place {
    /// The other end of the connection: who it is, or their proxy.
    pub fn peer(&self) -> IpAddr {
        self.peer
    }

    /// Counts the connection for whoever is at the other side of the proxy.
    ///
    /// # Errors
    /// They have too many; it goes on counting for whom it did.
    pub fn count_for(&self, observed: IpAddr) -> Result<(), TooMany> {
        let mut counted = self.counted.lock().unwrap_or_else(PoisonError::into_inner);
        let next = self.connections.counted(observed);
        if *counted == next {
            return Ok(());
        }
        let mut open = self.connections.lock();
        self.connections.take(&mut open, next)?;
        open.give_back(std::mem::replace(&mut *counted, next));
        Ok(())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let counted = *self.counted.get_mut().unwrap_or_else(PoisonError::into_inner);
        let mut open = self.connections.lock();
        open.all -= 1;
        self.connections.metrics.places_taken.set(open.all);
        open.give_back(counted);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn connections(max: usize) -> Arc<Connections> {
        let proxies = TrustedProxies::new(vec!["10.0.0.0/8".parse().unwrap()]);
        Arc::new(Connections::new(max, Arc::new(proxies), Arc::default()))
    }

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_address_has_a_share_and_leaves_the_rest_to_others() {
        let connections = connections(40);
        let theirs: Vec<Place> = std::iter::from_fn(|| connections.enter(ip("2001:db8::1"))).collect();
        assert_eq!(theirs.len(), 40 / CONNECTIONS_SHARE_OF_ADDRESS);
        assert!(connections.enter(ip("2001:db8::2")).is_none(), "the same /64");
        assert!(connections.enter(ip("2001:db8:0:1::1")).is_some());
        drop(theirs);
        assert!(connections.enter(ip("2001:db8::2")).is_some());
    }

    #[test]
    fn a_site_with_many_networks_leaves_the_rest_to_others() {
        let connections = connections(400);
        let from = |site: u16, network: u16| ip(&format!("2001:db8:{site:x}:{network:x}::1"));
        let theirs: Vec<Place> = (0..500).filter_map(|network| connections.enter(from(1, network))).collect();
        assert_eq!(theirs.len(), 400 / CONNECTIONS_SHARE_OF_SITE);
        drop(theirs);
        let connections = Arc::new(Connections::new(100_000, Arc::default(), Arc::default()));
        let theirs: Vec<Place> = (0..60_000).filter_map(|network| connections.enter(from(1, network))).collect();
        assert_eq!(theirs.len(), CONNECTIONS_PER_ADDRESS * 4);
        assert!(connections.enter(from(2, 1)).is_some());
    }

    #[test]
    fn behind_a_trusted_proxy_each_is_counted_for_who_is_behind_it() {
        let connections = connections(40);
        let places: Vec<Place> = (0..20).map(|_| connections.enter(ip("10.0.0.1")).unwrap()).collect();
        let (theirs, others) = places.split_at(11);
        let counted = theirs.iter().filter(|place| place.count_for(ip("203.0.113.7")).is_ok()).count();
        assert_eq!(counted, 40 / CONNECTIONS_SHARE_OF_ADDRESS);
        assert!(others.iter().all(|place| place.count_for(ip("203.0.113.8")).is_ok()));
        drop(places);
        assert!(connections.lock().by_network.is_empty());
        assert_eq!(connections.lock().all, 0);
    }
}
