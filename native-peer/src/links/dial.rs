//! Opening a pipe in the way that was decided: straight to an address, or over the relay. Neither waits for ever
//! by itself: whoever decided knows when to give up, and drops the attempt.

use std::net::{IpAddr, SocketAddr};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use local_peer::LinkFailure;
use secure_link::NO_LINK;
use tokio::net::TcpStream;
use wire_protocol::ids::LinkId;

use super::pipe::Pipe;
use super::relay::open_granted;
use super::secure::{Ends, Security};
use super::table::Granted;

/// Connects to whichever address the peer answers at first, of those that can be a peer's: whoever does not prove to be
/// that peer has not answered.
///
/// # Errors
/// The peer is at none of them; the one that says most of why.
pub async fn connect(addresses: Vec<SocketAddr>, security: Security) -> Result<Ends, LinkFailure> {
    let peers = addresses.into_iter().filter(may_be_a_peer);
    let mut attempts: FuturesUnordered<_> = peers.map(|address| connect_one(address, &security)).collect();
    let mut failure = LinkFailure::Unreachable;
    while let Some(attempt) = attempts.next().await {
        match attempt {
            Ok(ends) => return Ok(ends),
            Err(why) if rank(why) > rank(failure) => failure = why,
            Err(_) => {}
        }
    }
    Err(failure)
}

/// Connects to an ordinary client's peer.
///
/// # Errors
/// Nobody is there.
pub async fn connect_to_stranger(address: SocketAddr) -> Result<Ends, LinkFailure> {
    connect(vec![address], Security::Plain).await
}

async fn connect_one(address: SocketAddr, security: &Security) -> Result<Ends, LinkFailure> {
    let stream = TcpStream::connect(address).await.map_err(|_| LinkFailure::Unreachable)?;
    stream.set_nodelay(true).map_err(|_| LinkFailure::Unreachable)?;
    secure(Pipe::Tcp(stream), security, NO_LINK).await
}

async fn secure(pipe: Pipe, security: &Security, link: LinkId) -> Result<Ends, LinkFailure> {
    security.apply(pipe, link).await.map_err(|error| {
        tracing::debug!(%error, "a link is not secured");
        error.into()
    })
}

/// How much a failure says of a peer that has several addresses.
fn rank(failure: LinkFailure) -> u8 {
    match failure {
        LinkFailure::Impostor => 3,
        LinkFailure::OutOfDate => 2,
        LinkFailure::NotSecured => 1,
        _ => 0,
    }
}

/// Opens the link that the tracker granted.
///
/// # Errors
/// The relay is not there, the other side is not, or it is somebody else.
pub async fn pair(granted: Granted, security: Security) -> Result<Ends, LinkFailure> {
    let socket = Box::pin(open_granted(&granted.url, granted.token)).await?;
    secure(Pipe::Relay(Box::new(socket)), &security, granted.link).await
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
