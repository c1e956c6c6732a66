//! Opening a pipe in the way that was decided: straight to an address, or over the relay. Neither waits for ever
//! by itself: whoever decided knows when to give up, and drops the attempt.

use std::net::SocketAddr;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use local_peer::LinkFailure;
use membership::DialFailure;
use tokio::net::TcpStream;
use wire_protocol::control::DialRefusal;

use super::pipe::Pipe;
use super::relay::open_granted;

/// Connects to whichever address answers first.
///
/// # Errors
/// None does.
pub async fn connect(addresses: Vec<SocketAddr>) -> Result<Pipe, LinkFailure> {
    let mut attempts: FuturesUnordered<_> = addresses.into_iter().map(TcpStream::connect).collect();
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

/// Why the tracker grants no link, in the words of a local peer.
pub fn failure_of_dial(why: DialFailure) -> LinkFailure {
    match why {
        DialFailure::Refused(DialRefusal::NoSuchPeer) => LinkFailure::Gone,
        DialFailure::Refused(DialRefusal::AlreadyLinked) => LinkFailure::AlreadyLinked,
        DialFailure::Refused(DialRefusal::TooMany) => LinkFailure::TooMany,
        DialFailure::Refused(DialRefusal::NotAnnounced) => LinkFailure::NotAnnounced,
        DialFailure::Offline => LinkFailure::Offline,
        DialFailure::NoAnswer => LinkFailure::TimedOut,
        // Nobody could meet there.
        DialFailure::BadGrant => LinkFailure::NotPaired,
    }
}
