//! Opening a pipe in the way that was decided: straight to an address, or over the relay. Neither waits for ever
//! by itself: whoever decided knows when to give up, and drops the attempt.

use std::net::{IpAddr, SocketAddr};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use local_peer::LinkFailure;
use secure_link::NO_LINK;
use tokio::net::TcpStream;
use wire_protocol::ids::LinkId;

use super::encryption;
use super::pipe::Pipe;
use super::relay::open_granted;
use super::secure::{Ends, Security};
use super::strangers::{Strangers, Unheard};
use super::table::Granted;

/// Connects to whichever address the peer answers at first, of those that can be a peer's: whoever does not prove to be
/// that peer has not answered.
///
/// # Errors
/// The peer is at none of them; the one that says most of why.
pub async fn connect(addresses: Vec<SocketAddr>, security: Security) -> Result<Ends, LinkFailure> {
    let peers = addresses.into_iter().filter(|address| may_dial(*address, &security));
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
/// Nobody is there, or nobody who knows the torrent.
pub async fn connect_to_stranger(address: SocketAddr, strangers: Strangers) -> Result<Ends, LinkFailure> {
    connect(vec![address], Security::Stranger(strangers)).await
}

async fn connect_one(address: SocketAddr, security: &Security) -> Result<Ends, LinkFailure> {
    let stream = TcpStream::connect(address).await.map_err(|_| LinkFailure::Unreachable)?;
    stream.set_nodelay(true).map_err(|_| LinkFailure::Unreachable)?;
    match security {
        Security::Stranger(strangers) => meet(Pipe::Tcp(stream), address, strangers).await,
        security => secure(Pipe::Tcp(stream), security, NO_LINK).await,
    }
}

/// In the clear, unless the peer closed such a connection before without a word; and the other way round, if that leads
/// nowhere either.
async fn meet(pipe: Pipe, address: SocketAddr, strangers: &Strangers) -> Result<Ends, LinkFailure> {
    let (mut reader, mut writer) = pipe.split();
    if !strangers.want_encryption(address) {
        let unheard = Unheard { strangers: strangers.clone(), address };
        return Ok(Ends::unheard((reader, writer), unheard));
    }
    // Also if this is given up in the middle.
    strangers.forget(address);
    let halves = (&mut reader, &mut writer);
    let payload = encryption::initiate(halves, strangers.info_hash(), strangers.methods()).await.map_err(|error| {
        tracing::debug!(%address, %error, "a connection is not encrypted");
        LinkFailure::Unreachable
    })?;
    strangers.remember(address);
    Ok(Ends::plain((reader, writer), payload))
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

/// What the person typed is meant.
fn may_dial(address: SocketAddr, security: &Security) -> bool {
    may_be_a_peer(&address) || matches!(security, Security::Stranger(strangers) if strangers.were_typed(address))
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
    use std::sync::Arc;

    use wire_protocol::ids::InfoHash;

    use super::*;

    #[test]
    fn what_the_person_names_is_dialed_whatever_its_port_and_what_strangers_name_is_not() {
        let named: SocketAddr = "192.168.1.7:443".parse().unwrap();
        let typed = Strangers::with_typed(InfoHash([1; 20]), Arc::new([named].into()));
        assert!(may_dial(named, &Security::Stranger(typed.clone())));
        assert!(!may_dial("192.168.1.8:443".parse().unwrap(), &Security::Stranger(typed)));
        assert!(!may_dial(named, &Security::Stranger(Strangers::new(InfoHash([1; 20])))));
    }

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
