//! Accepting TCP: from members of a swarm that is served here, and, if the person said so, from any
//! BitTorrent client that knows the info-hash. Everybody else costs one bounded task for a few seconds.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use peer_wire::{HANDSHAKE_LEN, PEER_ID_PREFIX};
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::{InfoHash, PeerId};

use super::bind::bind;
use super::half_open::HalfOpen;
use super::registry::{Accepted, AcceptedSender, Registration, Registry, Served};

/// For the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A peer may be quicker here than the news of it from the tracker.
const SWARM_TIMEOUT: Duration = Duration::from_secs(3);
/// After an error of `accept` (out of file descriptors) before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The handshake up to the info-hash. Some clients send their peer id only after they saw ours.
const HANDSHAKE_HEAD_LEN: usize = 48;
const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";

/// The listening socket and its task.
#[derive(Debug)]
pub struct Listener {
    local_addr: SocketAddr,
    registry: Registry,
    _task: AbortOnDropHandle<()>,
}

impl Listener {
    /// Begins to listen. An unspecified IPv6 address takes IPv4 connections as well, and falls back to them where
    /// there is no IPv6.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = bind(address)?;
        let local_addr = listener.local_addr()?;
        let registry = Registry::default();
        let task = tokio::spawn(accept(listener, registry.clone()));
        Ok(Self { local_addr, registry, _task: AbortOnDropHandle::new(task) })
    }

    /// Where.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Accepts for this torrent from now on: from `peers`, and from anybody if `ordinary_clients`. One torrent may
    /// be served several times: in two groups, or as two files of one.
    pub fn serve(
        &self,
        info_hash: InfoHash,
        peers: watch::Receiver<Arc<[SwarmPeer]>>,
        ordinary_clients: bool,
        accepted: mpsc::Sender<Accepted>,
    ) -> Registration {
        self.registry.add(Served { info_hash, peers, ordinary_clients, accepted })
    }
}

async fn accept(listener: TcpListener, registry: Registry) {
    let half_open = HalfOpen::default();
    let mut handshakes = JoinSet::new();
    loop {
        while handshakes.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, from)) => {
                let Some(place) = half_open.enter(from.ip()) else {
                    tracing::debug!(%from, "too many connections that have not said who they are");
                    continue;
                };
                let registry = registry.clone();
                handshakes.spawn(async move {
                    if let Err(error) = introduce(stream, &registry).await {
                        tracing::debug!(%from, %error, "a connection is refused");
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept connections");
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// Finds out whom the connection is for and from, and hands it to the swarm.
///
/// Who is refused hears nothing, and hears it equally late whether nobody serves the torrent or only not for
/// them: how soon a connection closes must not tell a stranger what is shared here.
async fn introduce(mut stream: TcpStream, registry: &Registry) -> Result<(), Refused> {
    stream.set_nodelay(true)?;
    let mut head = BytesMut::with_capacity(HANDSHAKE_LEN);
    timeout(HANDSHAKE_TIMEOUT, read_until(&mut stream, &mut head, HANDSHAKE_HEAD_LEN))
        .await
        .map_err(|_| Refused::TooSlow)??;
    let deadline = Instant::now() + SWARM_TIMEOUT;
    let info_hash = InfoHash(head[28..48].try_into().expect("20 bytes"));
    let swarms = registry.find(info_hash);
    // Ordinary clients that wait for our handshake are let in without a peer id.
    if let Ok(result) = timeout_at(deadline, read_until(&mut stream, &mut head, HANDSHAKE_LEN)).await {
        result?;
    }
    let Some((peer, accepted)) = find_swarm(&head, swarms, deadline).await else {
        tokio::time::sleep_until(deadline).await;
        return Err(Refused::NotForThem);
    };
    // A full queue means more connections at once than the swarm takes.
    accepted.try_send(Accepted { stream, peer, head: head.freeze() }).map_err(|_| Refused::TooMany)
}

/// Reads until there are `len` bytes, and never more than a handshake.
async fn read_until(stream: &mut TcpStream, head: &mut BytesMut, len: usize) -> Result<(), Refused> {
    while head.len() < len {
        let missing = (HANDSHAKE_LEN - head.len()) as u64;
        if (&mut *stream).take(missing).read_buf(head).await? == 0 {
            return Err(Refused::Closed);
        }
        let begun = head.len().min(PROTOCOL.len());
        if head[..begun] != PROTOCOL[..begun] {
            return Err(Refused::OtherProtocol);
        }
    }
    Ok(())
}

/// The swarm that lists whoever begins so, as soon as one does; else one that takes ordinary clients.
async fn find_swarm(
    head: &[u8],
    swarms: Vec<Served>,
    deadline: Instant,
) -> Option<(Option<SwarmPeer>, AcceptedSender)> {
    let id = head.get(48..HANDSHAKE_LEN).and_then(|id| Some(PeerId(id.try_into().ok()?)));
    let open = swarms.iter().find(|served| served.ordinary_clients).map(|served| served.accepted.clone());
    let is_covey = id.is_some_and(|id| id.0.starts_with(PEER_ID_PREFIX));
    if let Some(id) = id {
        // News of a member's peer may be on their way; none come of an ordinary client, if those are taken.
        let deadline = if open.is_some() && !is_covey { Instant::now() } else { deadline };
        let mut listings: FuturesUnordered<_> = swarms.into_iter().map(|served| served.lists(id)).collect();
        let first = async {
            while let Some(listed) = listings.next().await {
                if let Some((peer, accepted)) = listed {
                    return Some((Some(peer), accepted));
                }
            }
            None
        };
        if let Ok(Some(found)) = timeout_at(deadline, first).await {
            return Some(found);
        }
    }
    open.map(|accepted| (None, accepted))
}

#[derive(Debug, thiserror::Error)]
enum Refused {
    #[error("{0}")]
    Io(#[from] io::Error),
    #[error("it closed")]
    Closed,
    #[error("it sends its handshake too slowly")]
    TooSlow,
    #[error("it does not speak BitTorrent")]
    OtherProtocol,
    #[error("it wants a torrent that is not served here, or is not a member's peer")]
    NotForThem,
    #[error("there are too many connections")]
    TooMany,
}

#[cfg(test)]
mod tests {
    use peer_wire::{Handshake, Reserved};
    use tokio::io::AsyncWriteExt;
    use wire_protocol::control::Progress;
    use wire_protocol::ids::MemberKey;

    use super::*;

    const TORRENT: InfoHash = InfoHash([1; 20]);

    fn listed(id: PeerId) -> SwarmPeer {
        SwarmPeer {
            peer: id,
            member: MemberKey([2; 32]),
            display_name: "Ana".to_owned(),
            client: String::new(),
            progress: Progress::Pieces { have: 0, total: 1 },
            tcp: Vec::new(),
        }
    }

    fn handshake(info_hash: InfoHash, peer_id: PeerId) -> [u8; HANDSHAKE_LEN] {
        Handshake { reserved: Reserved::default(), info_hash, peer_id }.encode()
    }

    async fn is_closed(stream: &mut TcpStream) -> bool {
        matches!(stream.read(&mut [0; 1]).await, Ok(0) | Err(_))
    }

    struct World {
        listener: Listener,
        peers: watch::Sender<Arc<[SwarmPeer]>>,
        accepted: mpsc::Receiver<Accepted>,
        _registration: Registration,
    }

    async fn world(ordinary_clients: bool) -> World {
        let listener = Listener::bind("127.0.0.1:0".parse().unwrap()).await.unwrap();
        let (peers, watched) = watch::channel(Arc::from([]));
        let (sender, accepted) = mpsc::channel(4);
        let registration = listener.serve(TORRENT, watched, ordinary_clients, sender);
        World { listener, peers, accepted, _registration: registration }
    }

    impl World {
        async fn dial(&self, bytes: &[u8]) -> TcpStream {
            let mut stream = TcpStream::connect(self.listener.local_addr()).await.unwrap();
            stream.write_all(bytes).await.unwrap();
            stream
        }
    }

    #[tokio::test]
    async fn a_member_is_accepted_even_before_the_tracker_told_of_them() {
        let mut world = world(false).await;
        let id = PeerId::covey([3; 12]);
        let _stream = world.dial(&handshake(TORRENT, id)).await;
        tokio::task::yield_now().await;
        world.peers.send_replace(Arc::from([listed(id)]));
        let accepted = world.accepted.recv().await.unwrap();
        assert_eq!(accepted.peer.map(|peer| peer.peer), Some(id));
        assert_eq!(accepted.head, &handshake(TORRENT, id)[..]);
    }

    #[tokio::test]
    async fn others_are_closed_and_cannot_tell_whether_the_torrent_is_served() {
        let world = world(false).await;
        let id = PeerId::covey([3; 12]);
        world.peers.send_replace(Arc::from([listed(id)]));
        assert!(is_closed(&mut world.dial(b"GET / HTTP/1.1\r\n").await).await, "another protocol");
        let began = Instant::now();
        let closed_after = async |handshake| {
            assert!(is_closed(&mut world.dial(handshake).await).await);
            began.elapsed()
        };
        let (other_torrent, other_peer) = (handshake(InfoHash([9; 20]), id), handshake(TORRENT, PeerId([9; 20])));
        let (unknown, not_listed) = tokio::join!(closed_after(&other_torrent), closed_after(&other_peer));
        assert!(unknown >= SWARM_TIMEOUT && not_listed >= SWARM_TIMEOUT, "{unknown:?} {not_listed:?}");
    }

    #[tokio::test]
    async fn a_torrent_served_twice_is_served_in_both_swarms_and_ending_one_leaves_the_other() {
        let mut first = world(false).await;
        let (here, there) = (PeerId::covey([3; 12]), PeerId::covey([4; 12]));
        first.peers.send_replace(Arc::from([listed(here)]));
        let (_peers, watched) = watch::channel(Arc::from([listed(there)]));
        let (sender, mut accepted) = mpsc::channel(4);
        let second = first.listener.serve(TORRENT, watched, false, sender);
        let _dialed = (first.dial(&handshake(TORRENT, here)).await, first.dial(&handshake(TORRENT, there)).await);
        assert_eq!(first.accepted.recv().await.unwrap().peer.unwrap().peer, here);
        assert_eq!(accepted.recv().await.unwrap().peer.unwrap().peer, there);
        drop(second);
        let _again = first.dial(&handshake(TORRENT, here)).await;
        assert_eq!(first.accepted.recv().await.unwrap().peer.unwrap().peer, here);
    }

    #[tokio::test]
    async fn one_address_holds_eight_connections_that_say_nothing() {
        let mut world = world(false).await;
        let id = PeerId::covey([3; 12]);
        world.peers.send_replace(Arc::from([listed(id)]));
        let mut silent = Vec::new();
        for _ in 0..8 {
            silent.push(world.dial(b"\x13Bit").await);
        }
        assert!(is_closed(&mut world.dial(&handshake(TORRENT, id)).await).await, "the ninth");
        drop(silent);
        // Until the listener has seen that they are gone.
        loop {
            let _stream = world.dial(&handshake(TORRENT, id)).await;
            if let Ok(accepted) = timeout(Duration::from_millis(100), world.accepted.recv()).await {
                return assert_eq!(accepted.unwrap().peer.unwrap().peer, id);
            }
        }
    }

    #[tokio::test]
    async fn an_ordinary_client_may_wait_with_its_peer_id() {
        let mut world = world(true).await;
        let bytes = handshake(TORRENT, PeerId(*b"-TR4060-abcdefghijkl"));
        let _stream = world.dial(&bytes[..HANDSHAKE_HEAD_LEN]).await;
        let accepted = world.accepted.recv().await.unwrap();
        assert!(accepted.peer.is_none());
        assert_eq!(accepted.head, &bytes[..HANDSHAKE_HEAD_LEN]);
    }
}
