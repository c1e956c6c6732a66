//! The address to listen on, as people type it.

use std::net::{IpAddr, Ipv6Addr, SocketAddr, ToSocketAddrs};

/// Reads `HOST:PORT`, `[IPv6]:PORT`, `:PORT` (all addresses of this machine) or `PORT` (at `own`). A name is looked up; of its
/// addresses the first IPv4 one is taken, which is what others try first, or else the first.
///
/// # Errors
/// A sentence that says what is missing.
pub fn listen_address(text: &str, own: IpAddr) -> Result<SocketAddr, String> {
    let text = text.trim();
    if let Ok(address) = text.parse() {
        return Ok(address);
    }
    if text.contains("://") || text.contains('/') {
        return Err("an address to listen on is HOST:PORT, without http:// and without a path".to_owned());
    }
    if let Some(ip) = bare_ip(text) {
        return Err(match split_ipv6(text) {
            Some(meant) => format!("an IPv6 address is in brackets: {meant}"),
            None => format!("the port is missing: write for instance {}", SocketAddr::new(ip, 8080)),
        });
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (Some(host), port),
        None => (None, text),
    };
    if port.is_empty() || !port.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(match host {
            Some(_) => format!("`{port}` is no port: a port is a number, 0 for a free one"),
            None => format!("it looks like {text}:8080, or :8080 for all addresses of this machine"),
        });
    }
    let port = port.parse().map_err(|_| format!("{port} is no port: ports end at 65535"))?;
    match host {
        None => Ok(SocketAddr::new(own, port)),
        Some("" | "*") => Ok(SocketAddr::new(Ipv6Addr::UNSPECIFIED.into(), port)),
        Some(host) if host.contains(':') => {
            let host = host.trim_matches(['[', ']']);
            Err(format!("an IPv6 address is in brackets: [{host}]:{port}"))
        }
        Some(host) => look_up(host, port),
    }
}

/// `::1:8080` is an address, and was meant to be one with a port.
fn split_ipv6(text: &str) -> Option<SocketAddr> {
    let (host, port) = text.rsplit_once(':')?;
    Some(SocketAddr::new(host.parse::<Ipv6Addr>().ok()?.into(), port.parse().ok()?))
}

/// An address without a port, an IPv6 one in brackets or not.
fn bare_ip(text: &str) -> Option<IpAddr> {
    text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text).parse().ok()
}

fn look_up(host: &str, port: u16) -> Result<SocketAddr, String> {
    let found: Vec<SocketAddr> = (host, port)
        .to_socket_addrs()
        .map_err(|error| {
            format!("cannot find `{host}` ({error}): name one of this machine's addresses, or :{port} for all")
        })?
        .collect();
    let chosen = found.iter().find(|address| address.is_ipv4()).or(found.first());
    chosen.copied().ok_or_else(|| format!("`{host}` has no address: name one of this machine's, or :{port} for all"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<String, String> {
        listen_address(text, IpAddr::from([127, 0, 0, 1])).map(|address| address.to_string())
    }

    #[test]
    fn every_usual_way_to_write_an_address_is_taken() {
        for (typed, meant) in [
            ("127.0.0.1:8080", "127.0.0.1:8080"),
            ("localhost:8080", "127.0.0.1:8080"),
            (" localhost:0 ", "127.0.0.1:0"),
            (":8080", "[::]:8080"),
            ("*:8080", "[::]:8080"),
            ("8080", "127.0.0.1:8080"),
            ("0", "127.0.0.1:0"),
            ("[::1]:8080", "[::1]:8080"),
            ("0.0.0.0:80", "0.0.0.0:80"),
        ] {
            assert_eq!(read(typed).as_deref(), Ok(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_no_address_is_explained_with_what_to_write() {
        for (typed, advice) in [
            ("", "looks like"),
            ("localhost", "localhost:8080"),
            ("127.0.0.1", "127.0.0.1:8080"),
            ("[::1]", "[::1]:8080"),
            ("::1", "[::1]:8080"),
            ("::1:8080", "in brackets: [::1]:8080"),
            ("fe80::1", "[fe80::1]:8080"),
            ("[fe80::1]x:80", "in brackets"),
            ("localhost:", "is no port"),
            ("localhost:http", "`http` is no port"),
            ("127.0.0.1:-1", "is no port"),
            ("127.0.0.1:65536", "end at 65535"),
            ("70000", "end at 65535"),
            ("http://127.0.0.1:8080", "without http://"),
            ("127.0.0.1:8080/", "without http://"),
            ("no-such-host.invalid:80", "cannot find `no-such-host.invalid`"),
        ] {
            let said = read(typed).unwrap_err();
            assert!(said.contains(advice), "{typed}: {said}");
        }
    }
}
