//! Accepting TCP: from members of a swarm that is served here, and, if the person said so, from any
//! BitTorrent client that knows the info-hash. Everybody else costs one bounded task for a few seconds.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use peer_wire::HANDSHAKE_LEN;
use tokio::io::AsyncReadExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::SwarmPeer;
use wire_protocol::ids::{InfoHash, PeerId};

/// Connections whose handshake is being read.
const HALF_OPEN_MAX: usize = 64;
/// For the handshake.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);
/// A peer may be quicker here than the news of it from the tracker.
const SWARM_TIMEOUT: Duration = Duration::from_secs(3);
/// After an error of `accept` (out of file descriptors) before the next.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// The handshake up to the info-hash. Some clients send their peer id only after they saw ours.
const HANDSHAKE_HEAD_LEN: usize = 48;
const PROTOCOL: &[u8; 20] = b"\x13BitTorrent protocol";

/// A connection whose first bytes are read.
#[derive(Debug)]
pub struct Accepted {
    /// The connection.
    pub stream: TcpStream,
    /// Who it says it is, as the tracker lists it; `None`: an ordinary BitTorrent client.
    pub peer: Option<SwarmPeer>,
    /// What was read: the handshake, or its first 48 bytes.
    pub head: Bytes,
}

#[derive(Debug)]
struct Served {
    peers: watch::Receiver<Arc<[SwarmPeer]>>,
    ordinary_clients: bool,
    accepted: mpsc::Sender<Accepted>,
}

type Registry = Arc<Mutex<BTreeMap<InfoHash, Served>>>;

/// The listening socket and its task.
#[derive(Debug)]
pub struct Listener {
    local_addr: SocketAddr,
    registry: Registry,
    _task: AbortOnDropHandle<()>,
}

/// A swarm that is served, until this is dropped.
#[derive(Debug)]
pub struct Registration {
    registry: Registry,
    info_hash: InfoHash,
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.registry.lock().expect("nothing panics while it holds this").remove(&self.info_hash);
    }
}

impl Listener {
    /// Begins to listen.
    ///
    /// # Errors
    /// The address is taken or not ours.
    pub async fn bind(address: SocketAddr) -> io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        let local_addr = listener.local_addr()?;
        let registry = Registry::default();
        let task = tokio::spawn(accept(listener, registry.clone()));
        Ok(Self { local_addr, registry, _task: AbortOnDropHandle::new(task) })
    }

    /// Where.
    pub fn local_addr(&self) -> SocketAddr {
        self.local_addr
    }

    /// Accepts for this torrent from now on: from `peers`, and from anybody if `ordinary_clients`.
    pub fn serve(
        &self,
        info_hash: InfoHash,
        peers: watch::Receiver<Arc<[SwarmPeer]>>,
        ordinary_clients: bool,
        accepted: mpsc::Sender<Accepted>,
    ) -> Registration {
        let served = Served { peers, ordinary_clients, accepted };
        self.registry.lock().expect("nothing panics while it holds this").insert(info_hash, served);
        Registration { registry: self.registry.clone(), info_hash }
    }
}

async fn accept(listener: TcpListener, registry: Registry) {
    let half_open = Arc::new(Semaphore::new(HALF_OPEN_MAX));
    let mut handshakes = JoinSet::new();
    loop {
        let permit = half_open.clone().acquire_owned().await.expect("the semaphore is never closed");
        while handshakes.try_join_next().is_some() {}
        match listener.accept().await {
            Ok((stream, from)) => {
                let registry = registry.clone();
                handshakes.spawn(async move {
                    if let Err(error) = introduce(stream, &registry).await {
                        tracing::debug!(%from, %error, "a connection is refused");
                    }
                    drop(permit);
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
async fn introduce(mut stream: TcpStream, registry: &Registry) -> Result<(), Refused> {
    stream.set_nodelay(true)?;
    let mut head = BytesMut::with_capacity(HANDSHAKE_LEN);
    timeout(HANDSHAKE_TIMEOUT, read_until(&mut stream, &mut head, HANDSHAKE_HEAD_LEN))
        .await
        .map_err(|_| Refused::TooSlow)??;
    let info_hash = InfoHash(head[28..48].try_into().expect("20 bytes"));
    let (peers, ordinary_clients, accepted) = {
        let registry = registry.lock().expect("nothing panics while it holds this");
        let served = registry.get(&info_hash).ok_or(Refused::OtherTorrent)?;
        (served.peers.clone(), served.ordinary_clients, served.accepted.clone())
    };
    let whole = timeout(SWARM_TIMEOUT, read_until(&mut stream, &mut head, HANDSHAKE_LEN)).await;
    if let Ok(result) = whole {
        result?;
    }
    let peer = find_peer(&head, peers, ordinary_clients).await;
    if peer.is_none() && !ordinary_clients {
        return Err(Refused::NotAMember);
    }
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

async fn find_peer(
    head: &[u8],
    mut peers: watch::Receiver<Arc<[SwarmPeer]>>,
    ordinary_clients: bool,
) -> Option<SwarmPeer> {
    let id = PeerId(head.get(48..HANDSHAKE_LEN)?.try_into().ok()?);
    let find = |peers: &Arc<[SwarmPeer]>| peers.iter().find(|peer| peer.peer == id).cloned();
    let is_covey = id.0.starts_with(peer_wire::PEER_ID_PREFIX);
    if ordinary_clients && !is_covey {
        return find(&peers.borrow());
    }
    let listed = timeout(SWARM_TIMEOUT, peers.wait_for(|peers| find(peers).is_some())).await;
    listed.ok()?.ok().and_then(|peers| find(&peers))
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
    #[error("it wants a torrent that is not served here")]
    OtherTorrent,
    #[error("it is not a member's peer")]
    NotAMember,
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
    async fn others_are_closed() {
        let world = world(false).await;
        let id = PeerId::covey([3; 12]);
        world.peers.send_replace(Arc::from([listed(id)]));
        assert!(is_closed(&mut world.dial(&handshake(InfoHash([9; 20]), id)).await).await, "another torrent");
        assert!(is_closed(&mut world.dial(b"GET / HTTP/1.1\r\n").await).await, "another protocol");
        assert!(is_closed(&mut world.dial(&handshake(TORRENT, PeerId([9; 20]))).await).await, "nobody's peer id");
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
