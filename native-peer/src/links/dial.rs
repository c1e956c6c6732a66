//! Reaching a peer: straight over TCP if one of its addresses answers, else over the relay.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use peer_engine::Direction;
use tokio::net::TcpStream;
use wire_protocol::control::{SwarmName, SwarmPeer};

use super::link::Pipe;
use super::relay::{RelayError, open_granted};
use crate::report::Path;
use crate::session::{DialError, Session};

/// For all of a peer's addresses together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(3);

/// An open pipe to a known peer.
#[derive(Debug)]
pub struct Opened {
    /// The pipe.
    pub pipe: Pipe,
    /// What it goes over.
    pub path: Path,
    /// Who opened it.
    pub direction: Direction,
    /// Who is at the other end.
    pub peer: SwarmPeer,
}

/// Why a peer was not reached.
#[derive(Debug, thiserror::Error)]
pub enum DialFailure {
    /// The tracker or the peer did not want.
    #[error(transparent)]
    Dial(#[from] DialError),
    /// The relay.
    #[error(transparent)]
    Relay(#[from] RelayError),
}

/// Opens pipes to peers of one swarm.
#[derive(Debug, Clone)]
pub struct Dialer {
    /// Asks for relay links.
    pub session: Arc<Session>,
    /// The swarm.
    pub swarm: SwarmName,
}

impl Dialer {
    /// Tries TCP (if `direct`) and then the relay.
    ///
    /// # Errors
    /// [`DialFailure`]: neither worked.
    pub async fn dial(self, peer: SwarmPeer, direct: bool) -> Result<Opened, DialFailure> {
        if direct && let Some(stream) = connect_any(&peer.tcp).await {
            return Ok(Opened { pipe: Pipe::Tcp(stream), path: Path::Direct, direction: Direction::Dialed, peer });
        }
        let grant = self.session.dial(self.swarm, peer.name).await?;
        let url = self.session.server().link(grant.relay.as_deref());
        let socket = open_granted(&url, grant.token).await?;
        Ok(Opened {
            pipe: Pipe::Relay(Box::new(socket)),
            path: Path::Relay,
            direction: Direction::Dialed,
            peer: grant.peer,
        })
    }
}

async fn connect_any(addresses: &[SocketAddr]) -> Option<TcpStream> {
    let peers = addresses.iter().filter(|address| may_be_a_peer(address));
    let mut attempts: FuturesUnordered<_> = peers.map(TcpStream::connect).collect();
    let first = async {
        while let Some(attempt) = attempts.next().await {
            if let Ok(stream) = attempt
                && stream.set_nodelay(true).is_ok()
            {
                return Some(stream);
            }
        }
        None
    };
    tokio::time::timeout(CONNECT_TIMEOUT, first).await.ok().flatten()
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
