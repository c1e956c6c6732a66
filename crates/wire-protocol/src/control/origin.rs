//! What a client dialed, in one spelling (RFC 6454 section 6.2: scheme, host, and the port where it is not the
//! scheme's own).

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// An origin in characters.
pub const ORIGIN_LEN_MAX: usize = 300;

/// `http` or `https`, a host in lower case, and a port.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin {
    is_https: bool,
    host: String,
    port: u16,
}

/// Not `http(s)://HOST[:PORT]`, or longer than [`ORIGIN_LEN_MAX`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an origin looks like https://share.example or http://192.168.1.20:8080")]
pub struct NotAnOrigin;

impl Origin {
    /// From the parts of a URL. `host` is a name, an IPv4 address, or an IPv6 address in brackets.
    ///
    /// # Errors
    /// [`NotAnOrigin`]: a host with other characters, or none.
    pub fn new(is_https: bool, host: &str, port: Option<u16>) -> Result<Self, NotAnOrigin> {
        let host = host.to_ascii_lowercase();
        if !is_host(&host) || host.len() + 14 > ORIGIN_LEN_MAX {
            return Err(NotAnOrigin);
        }
        Ok(Self { is_https, host, port: port.unwrap_or(own_port(is_https)) })
    }

    /// Whether the scheme is `https`.
    pub fn is_https(&self) -> bool {
        self.is_https
    }

    /// The host alone, in lower case; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port, the scheme's own included.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Whether it means another computer everywhere else: loopback, or "any address", which a server listens on.
    pub fn is_this_computer(&self) -> bool {
        let ip = self.host.trim_matches(['[', ']']).parse::<IpAddr>().ok().map(|ip| ip.to_canonical());
        match ip {
            Some(ip) => ip.is_loopback() || ip.is_unspecified(),
            None => self.host == "localhost" || self.host.ends_with(".localhost"),
        }
    }

    /// The host, with the port where it is not the scheme's own: what an HTTP client sends as `Host`.
    pub fn authority(&self) -> String {
        if self.port == own_port(self.is_https) { self.host.clone() } else { format!("{}:{}", self.host, self.port) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}", if self.is_https { "https" } else { "http" }, self.authority())
    }
}

impl FromStr for Origin {
    type Err = NotAnOrigin;

    /// Exactly an origin: no path, no user, nothing behind. Either case; the scheme's own port may be there.
    fn from_str(text: &str) -> Result<Self, NotAnOrigin> {
        let (scheme, authority) = text.split_once("://").ok_or(NotAnOrigin)?;
        let is_https = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(NotAnOrigin),
        };
        let (host, port) = split_port(authority)?;
        Self::new(is_https, host, port)
    }
}

fn split_port(authority: &str) -> Result<(&str, Option<u16>), NotAnOrigin> {
    let port_at = match authority.rfind(']') {
        Some(bracket) => bracket + 1,
        None => authority.find(':').unwrap_or(authority.len()),
    };
    let (host, rest) = authority.split_at(port_at);
    match rest.strip_prefix(':') {
        Some(port) if port.bytes().all(|b| b.is_ascii_digit()) => port.parse().map(|port| (host, Some(port))),
        None if rest.is_empty() => return Ok((host, None)),
        _ => return Err(NotAnOrigin),
    }
    .map_err(|_| NotAnOrigin)
}

fn is_host(host: &str) -> bool {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|ip| ip.parse::<std::net::Ipv6Addr>().is_ok()),
        None => {
            let is_host_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
            !host.is_empty() && host.bytes().all(is_host_byte)
        }
    }
}

fn own_port(is_https: bool) -> u16 {
    if is_https { 443 } else { 80 }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<String> {
        text.parse::<Origin>().ok().map(|origin| origin.to_string())
    }

    #[test]
    fn an_origin_has_one_spelling() {
        assert_eq!(read("HTTPS://Share.Example:443").as_deref(), Some("https://share.example"));
        assert_eq!(read("http://share.example:443").as_deref(), Some("http://share.example:443"));
        assert_eq!(read("http://127.0.0.1:8080").as_deref(), Some("http://127.0.0.1:8080"));
        assert_eq!(read("http://[::1]:80").as_deref(), Some("http://[::1]"));
        assert_eq!(
            "https://[::1]:8443".parse::<Origin>().map(|origin| origin.authority()),
            Ok("[::1]:8443".to_owned())
        );
    }

    #[test]
    fn an_address_that_means_another_computer_elsewhere_is_known() {
        let is = |text: &str| text.parse::<Origin>().unwrap().is_this_computer();
        for here in [
            "http://127.0.0.1:8080",
            "http://127.8.9.1",
            "http://[::1]:8080",
            "http://0.0.0.0:8080",
            "http://[::]:8080",
            "http://[::ffff:127.0.0.1]:8080",
            "http://LOCALHOST:8080",
            "https://covey.localhost",
        ] {
            assert!(is(here), "{here}");
        }
        for there in
            ["http://192.168.1.7:8080", "https://share.example", "http://localhost.example", "http://[fd00::7]"]
        {
            assert!(!is(there), "{there}");
        }
    }

    #[test]
    fn what_is_more_or_less_than_an_origin_is_refused() {
        for text in [
            "",
            "share.example",
            "ftp://share.example",
            "https://",
            "https://:443",
            "https://share.example/",
            "https://share.example/j/x",
            "https://user@share.example",
            "https://share.example:",
            "https://share.example:+80",
            "https://share.example:70000",
            "https://share.example:80:80",
            "https://[::1",
            "https://[::1]x",
            "https://::1",
            "https://sh are.example",
        ] {
            assert_eq!(read(text), None, "{text:?}");
        }
        assert_eq!(read(&format!("https://{}", "h".repeat(ORIGIN_LEN_MAX))), None);
    }
}
