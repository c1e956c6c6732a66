//! Opening a pipe in the way that was decided: straight to an address, or over the relay. Neither waits for ever
//! by itself: whoever decided knows when to give up, and drops the attempt.

use std::net::{IpAddr, SocketAddr};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use local_peer::LinkFailure;
use tokio::net::TcpStream;

use super::pipe::Pipe;
use super::relay::open_granted;

/// Connects to whichever address answers first, of those that can be a peer's.
///
/// # Errors
/// None does.
pub async fn connect(addresses: Vec<SocketAddr>) -> Result<Pipe, LinkFailure> {
    let peers = addresses.into_iter().filter(may_be_a_peer);
    let mut attempts: FuturesUnordered<_> = peers.map(TcpStream::connect).collect();
    while let Some(attempt) = attempts.next().await {
        if let Ok(stream) = attempt
            && stream.set_nodelay(true).is_ok()
        {
            return Ok(Pipe::Tcp(stream));
        }
    }
    Err(LinkFailure::Unreachable)
}

/// Opens the link that the tracker granted.
///
/// # Errors
/// The relay is not there, or the other side is not.
pub async fn pair(url: String, token: Vec<u8>) -> Result<Pipe, LinkFailure> {
    let socket = Box::pin(open_granted(&url, token)).await?;
    Ok(Pipe::Relay(Box::new(socket)))
}

/// Whoever announces an address decides where this computer knocks: not at services of the system, of the cloud that
/// it runs in (169.254.169.254), or of everybody at once. The tracker leaves such addresses out; this is for one that
/// does not.
fn may_be_a_peer(address: &SocketAddr) -> bool {
    const PORT_MIN: u16 = 1024;
    let is_one_host = match address.ip().to_canonical() {
        IpAddr::V4(ip) => !(ip.is_unspecified() || ip.is_link_local() || ip.is_multicast() || ip.is_broadcast()),
        IpAddr::V6(ip) => !(ip.is_unspecified() || ip.is_unicast_link_local() || ip.is_multicast()),
    };
    is_one_host && address.port() >= PORT_MIN
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_can_be_a_peers_are_dialed() {
        for address in
            ["203.0.113.9:6881", "127.0.0.1:6881", "192.168.1.7:1024", "[fd00::7]:6881", "[2001:db8::1]:6881"]
        {
            assert!(may_be_a_peer(&address.parse().unwrap()), "{address}");
        }
        for address in [
            "203.0.113.9:22",
            "169.254.169.254:6881",
            "[::ffff:169.254.169.254]:6881",
            "[fe80::1]:6881",
            "0.0.0.0:6881",
            "255.255.255.255:6881",
            "[ff02::1]:6881",
            "192.168.1.1:80",
        ] {
            assert!(!may_be_a_peer(&address.parse().unwrap()), "{address}");
        }
    }
}
