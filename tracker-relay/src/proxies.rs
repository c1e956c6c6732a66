//! Who a request really comes from: the socket's address, or what trusted proxies say.

use std::net::{IpAddr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use axum::http::HeaderMap;
use ipnet::IpNet;
use tracing::warn;

/// The addresses that a request comes from, as its proxies saw them.
pub const FORWARDED_FOR: &str = "x-forwarded-for";
/// What reverse proxies add, in some of their dialects.
const SIGNS_OF_A_PROXY: [&str; 4] = [FORWARDED_FOR, "forwarded", "x-real-ip", "x-forwarded-proto"];

/// The proxies whose `X-Forwarded-For` is believed.
#[derive(Debug, Default)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    has_warned: AtomicBool,
}

impl TrustedProxies {
    /// These networks; a single address is a network of one.
    pub fn new(networks: Vec<IpNet>) -> Self {
        Self { networks, has_warned: AtomicBool::new(false) }
    }

    /// Whether this is the address of one of them.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// Who a request comes from, `peer` being the socket's address.
    ///
    /// Each proxy adds the address that it saw at the right of the header. Read from there, every
    /// address that is a trusted proxy's vouches for the one to its left; the first that is not is the
    /// one. Whatever stands left of it anybody may have written.
    pub fn observed(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let mut observed = peer.to_canonical();
        if !self.contains(observed) {
            self.warn_of_a_proxy(observed, headers);
            return observed;
        }
        let values: Vec<&str> = headers.get_all(FORWARDED_FOR).iter().filter_map(|value| value.to_str().ok()).collect();
        for hop in values.iter().rev().flat_map(|value| value.rsplit(',')) {
            let Some(address) = address(hop) else { break };
            observed = address;
            if !self.contains(observed) {
                break;
            }
        }
        observed
    }

    /// A proxy that is not trusted makes everybody one address. That goes wrong quietly, so it is said.
    fn warn_of_a_proxy(&self, peer: IpAddr, headers: &HeaderMap) {
        if is_near(peer) && has_signs_of_a_proxy(headers) && !self.has_warned.swap(true, Ordering::Relaxed) {
            warn!(
                "requests come through a reverse proxy at {peer}, which is not trusted: all people count as one \
                 address. If it is yours, start with --trusted-proxy {peer}"
            );
        }
    }
}

/// Whether a request has been through some reverse proxy.
pub fn has_signs_of_a_proxy(headers: &HeaderMap) -> bool {
    SIGNS_OF_A_PROXY.iter().any(|name| headers.contains_key(*name))
}

/// On this machine or in this network, where one's own proxies are.
pub fn is_near(address: IpAddr) -> bool {
    address.is_loopback()
        || match address {
            IpAddr::V4(v4) => v4.is_private() || v4.is_link_local(),
            IpAddr::V6(v6) => v6.is_unique_local() || v6.is_unicast_link_local(),
        }
}

/// `203.0.113.7`, `203.0.113.7:1234`, `2001:db8::7`, `[2001:db8::7]` or `[2001:db8::7]:1234`.
fn address(hop: &str) -> Option<IpAddr> {
    let hop = hop.trim();
    let bare = hop.strip_prefix('[').and_then(|hop| hop.strip_suffix(']')).unwrap_or(hop);
    let address = bare.parse::<IpAddr>().or_else(|_| hop.parse::<SocketAddr>().map(|with_port| with_port.ip()));
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(values: &[&str]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    fn observed(trusted: &[&str], peer: &str, values: &[&str]) -> String {
        let trusted = trusted.iter().map(|network| network.parse().unwrap()).collect();
        TrustedProxies::new(trusted).observed(peer.parse().unwrap(), &headers(values)).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(observed(&[], "127.0.0.1", &["203.0.113.7"]), "127.0.0.1");
        assert_eq!(observed(&["10.0.0.0/8"], "192.0.2.1", &["203.0.113.7"]), "192.0.2.1");
    }

    #[test]
    fn a_chain_of_trusted_proxies_is_walked_from_the_right() {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8", "fd00::/8"];
        assert_eq!(observed(&trusted, "127.0.0.1", &["198.51.100.1, 203.0.113.7, 10.1.2.3"]), "203.0.113.7");
        assert_eq!(observed(&trusted, "127.0.0.1", &["198.51.100.1, 203.0.113.7", "10.1.2.3"]), "203.0.113.7");
        assert_eq!(observed(&trusted, "fd00::1", &["2001:db8::7,10.1.2.3"]), "2001:db8::7");
        // All of them are ours: somebody of ours it is.
        assert_eq!(observed(&trusted, "127.0.0.1", &["10.9.9.9, 10.1.2.3"]), "10.9.9.9");
    }

    #[test]
    fn addresses_come_in_several_forms() {
        let trusted = ["127.0.0.1/32", "::1/128"];
        for form in ["203.0.113.7", "203.0.113.7:4711", "::ffff:203.0.113.7", "[::ffff:203.0.113.7]:4711"] {
            assert_eq!(observed(&trusted, "::ffff:127.0.0.1", &[form]), "203.0.113.7", "{form}");
        }
        for form in ["2001:db8::7", "[2001:db8::7]", "[2001:db8::7]:4711"] {
            assert_eq!(observed(&trusted, "::1", &[form]), "2001:db8::7", "{form}");
        }
    }

    #[test]
    fn nonsense_ends_the_walk_at_who_wrote_it() {
        let trusted = ["127.0.0.1/32", "10.0.0.0/8"];
        assert_eq!(observed(&trusted, "127.0.0.1", &["203.0.113.7, unknown, 10.1.2.3"]), "10.1.2.3");
        assert_eq!(observed(&trusted, "127.0.0.1", &["unknown"]), "127.0.0.1");
        assert_eq!(observed(&trusted, "127.0.0.1", &[]), "127.0.0.1");
    }
}
