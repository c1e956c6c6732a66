//! Where a peer of a magnet link is.

use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::str::FromStr;

/// The longest name of a host (RFC 1035), bytes.
const HOST_LEN_MAX: usize = 253;

/// A host, by name or by number, and a TCP port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PeerAddress {
    /// A name, an IPv4 address, or an IPv6 address without brackets.
    pub host: String,
    /// Not 0.
    pub port: u16,
}

/// The text is no `host:port`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an address of a peer (host:port)")]
pub struct NotAnAddress;

impl FromStr for PeerAddress {
    type Err = NotAnAddress;

    /// `host.example:6881`, `192.0.2.1:6881`, `[2001:db8::1]:6881`.
    fn from_str(text: &str) -> Result<Self, NotAnAddress> {
        let (host, port) = text.rsplit_once(':').ok_or(NotAnAddress)?;
        let port = port.parse().ok().filter(|port| *port != 0).ok_or(NotAnAddress)?;
        let host = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
            Some(host) => host.parse::<Ipv6Addr>().map_err(|_| NotAnAddress)?.to_string(),
            None if is_host(host) => host.to_owned(),
            None => return Err(NotAnAddress),
        };
        Ok(Self { host, port })
    }
}

fn is_host(host: &str) -> bool {
    (1..=HOST_LEN_MAX).contains(&host.len())
        && host.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_'))
}

impl fmt::Display for PeerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.host.parse() {
            Ok(IpAddr::V6(host)) => write!(f, "[{host}]:{}", self.port),
            _ => write!(f, "{}:{}", self.host, self.port),
        }
    }
}
