//! How near to this computer an address is: whoever writes an address into a torrent decides whom we ask.

use std::net::{IpAddr, Ipv6Addr};

use reqwest::Url;

/// How near an address is, or may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Reach {
    /// Anybody's.
    #[default]
    Internet,
    /// In a network of somebody's own, as this computer may be.
    Network,
    /// This computer.
    Machine,
}

impl Reach {
    /// Where this is.
    pub fn of(ip: IpAddr) -> Self {
        let ip = ip.to_canonical();
        match ip {
            _ if ip.is_loopback() || ip.is_unspecified() => Self::Machine,
            _ if is_public(ip) => Self::Internet,
            _ => Self::Network,
        }
    }

    /// Where it is by what it says of itself. A name says nothing before it is resolved, but for the one of this computer.
    pub fn of_url(url: &Url) -> Self {
        let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']).trim_end_matches('.');
        let is_own = |name: &str| name.eq_ignore_ascii_case("localhost");
        match host.parse() {
            Ok(ip) => Self::of(ip),
            Err(_) if host.rsplit('.').next().is_some_and(is_own) => Self::Machine,
            Err(_) => Self::Internet,
        }
    }
}

/// Nobody's machine or network of their own: whoever names one might have us knock at doors that they cannot reach.
fn is_public(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => {
            let [a, b, ..] = ip.octets();
            let is_shared = a == 100 && (64..128).contains(&b);
            let is_benchmark = a == 198 && (18..20).contains(&b);
            let is_own = ip.is_private() || ip.is_loopback() || ip.is_link_local();
            !(is_own || is_shared || is_benchmark || a == 0 || a >= 224)
        }
        IpAddr::V6(ip) => {
            let is_own = ip.is_loopback() || ip.is_unicast_link_local() || ip.is_unique_local();
            !(is_own || embeds_another(ip) || ip.is_unspecified() || ip.is_multicast())
        }
    }
}

/// `64:ff9b::/96`, `2002::/16` and `2001::/32` hold an IPv4 address that could be anybody's.
fn embeds_another(ip: Ipv6Addr) -> bool {
    let [first, second, ..] = ip.segments();
    (first, second) == (0x64, 0xff9b) || first == 0x2002 || (first, second) == (0x2001, 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(ip: &str) -> Reach {
        Reach::of(ip.parse().unwrap())
    }

    #[test]
    fn what_is_not_public_is_of_a_network_or_of_this_machine() {
        for ip in ["203.0.113.9", "8.8.8.8", "2001:db8::1", "::ffff:8.8.8.8"] {
            assert_eq!(of(ip), Reach::Internet, "{ip}");
        }
        for ip in [
            "10.1.2.3",
            "172.16.0.1",
            "192.168.1.7",
            "169.254.1.1",
            "100.64.0.1",
            "198.18.0.1",
            "0.1.2.3",
            "224.0.0.1",
            "255.255.255.255",
            "fe80::1",
            "fd00::1",
            "ff02::1",
            "::ffff:192.168.1.7",
            "64:ff9b::7f00:1",
            "2002:7f00:1::",
            "2001::1",
        ] {
            assert_eq!(of(ip), Reach::Network, "{ip}");
        }
        for ip in ["127.0.0.1", "127.8.8.8", "0.0.0.0", "::1", "::", "::ffff:127.0.0.1", "::ffff:0.0.0.0"] {
            assert_eq!(of(ip), Reach::Machine, "{ip}");
        }
    }

    #[test]
    fn a_url_is_as_near_as_its_host_says() {
        for (url, reach) in [
            ("http://localhost/x", Reach::Machine),
            ("http://LOCALHOST.:80/x", Reach::Machine),
            ("http://nas.localhost/x", Reach::Machine),
            ("http://[::1]/x", Reach::Machine),
            ("http://[::ffff:127.0.0.1]/", Reach::Machine),
            ("http://0x7f.1/", Reach::Machine),
            ("http://192.168.1.7:8080/", Reach::Network),
            ("http://localhost.example/", Reach::Internet),
            ("http://user@example.org/", Reach::Internet),
        ] {
            assert_eq!(Reach::of_url(&Url::parse(url).unwrap()), reach, "{url}");
        }
    }
}
