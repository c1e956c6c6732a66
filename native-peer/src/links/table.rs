//! What this program holds for each link of a swarm, from its dial or acceptance to its end. The local peer
//! decides what becomes of a link; here it is done.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use local_peer::LinkFailure;
use peer_engine::LinkKey;
use tokio::sync::mpsc;
use tokio::task::{AbortHandle, JoinSet};
use wire_protocol::ids::LinkId;

use super::dial;
use super::link::Link;
use super::queue::{Incoming, LinkChannels};
use super::secure::{Ends, Security};

/// What came of something that takes time.
#[derive(Debug)]
pub enum LinkEvent {
    /// There is a pipe, and whoever is at its other end has proved who they are.
    Opened(LinkKey, Box<Ends>),
    /// There will be none.
    Failed(LinkKey, LinkFailure),
    /// What was promised is written, and the socket is gone.
    Closed(LinkKey),
}

/// ```text
///  ask ──► Asked ──grant──► Granted ──pair──► Opening ──start──► Open
///  connect ──────────────────────────────────────▲               ▲
///  insert (they connected) ──────────────────────────────────────┘
/// ```
#[derive(Debug)]
enum Held {
    /// The tracker is asked for a link over the relay.
    Asked,
    /// What the tracker granted, not presented yet.
    Granted(Granted, Box<Security>),
    /// A socket is being opened.
    Opening { _attempt: Attempt },
    /// It carries bytes.
    Open(Link),
}

/// What the tracker granted.
#[derive(Debug)]
pub struct Granted {
    /// Where the relay is.
    pub url: String,
    /// What it is shown.
    pub token: Vec<u8>,
    pub link: LinkId,
}

/// Ends with the attempt to open a socket.
#[derive(Debug)]
struct Attempt(AbortHandle);

impl Drop for Attempt {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// All links of a swarm. What is not held (any more) is ignored.
#[derive(Debug)]
pub struct LinkTable {
    held: BTreeMap<LinkKey, Held>,
    /// Sockets that are being opened, and links that are being closed.
    tasks: JoinSet<LinkEvent>,
    channels: LinkChannels,
}

impl LinkTable {
    /// `incoming`: what links receive. `rooms`: which of them have room again.
    pub fn new(incoming: mpsc::Sender<Incoming>, rooms: mpsc::Sender<LinkKey>) -> Self {
        Self { held: BTreeMap::new(), tasks: JoinSet::new(), channels: LinkChannels { incoming, rooms } }
    }

    /// Connects straight to the peer.
    pub fn connect(&mut self, link: LinkKey, addresses: Vec<SocketAddr>, security: Security) {
        self.attempt(link, dial::connect(addresses, security));
    }

    /// The tracker decides about this link.
    pub fn ask(&mut self, link: LinkKey) {
        self.held.insert(link, Held::Asked);
    }

    /// The tracker granted it: what to present and where, and how it is secured then.
    pub fn grant(&mut self, link: LinkKey, granted: Granted, security: Security) {
        if let Some(held @ Held::Asked) = self.held.get_mut(&link) {
            *held = Held::Granted(granted, Box::new(security));
        }
    }

    /// Presents what was granted, and waits for the other side.
    pub fn pair(&mut self, link: LinkKey) {
        if let Some(Held::Granted(granted, security)) = self.held.remove(&link) {
            self.attempt(link, dial::pair(granted, *security));
        }
    }

    fn attempt(&mut self, link: LinkKey, opening: impl Future<Output = Result<Ends, LinkFailure>> + Send + 'static) {
        let attempt = self.tasks.spawn(async move {
            match opening.await {
                Ok(ends) => LinkEvent::Opened(link, Box::new(ends)),
                Err(why) => LinkEvent::Failed(link, why),
            }
        });
        self.held.insert(link, Held::Opening { _attempt: Attempt(attempt) });
    }

    /// Reads and writes on the pipe that was opened. `false`: the link was given up meanwhile.
    pub fn start(&mut self, link: LinkKey, ends: Ends) -> bool {
        let is_wanted = matches!(self.held.get(&link), Some(Held::Opening { .. }));
        if is_wanted {
            self.insert(link, ends);
        }
        is_wanted
    }

    /// Reads and writes on a pipe that others opened.
    pub fn insert(&mut self, link: LinkKey, ends: Ends) {
        self.held.insert(link, Held::Open(Link::start(link, ends, &self.channels)));
    }

    /// The link, if it carries bytes.
    pub fn open(&self, link: LinkKey) -> Option<&Link> {
        match self.held.get(&link) {
            Some(Held::Open(open)) => Some(open),
            _ => None,
        }
    }

    /// Writes what was promised and closes, or gives up opening. `true`: it is gone already; else
    /// [`LinkEvent::Closed`] says when it is.
    pub fn close(&mut self, link: LinkKey) -> bool {
        let Some(Held::Open(open)) = self.held.remove(&link) else {
            return true;
        };
        self.tasks.spawn(async move {
            open.close().await;
            LinkEvent::Closed(link)
        });
        false
    }

    /// Drops what is held for the link: its socket is gone.
    pub fn forget(&mut self, link: LinkKey) {
        self.held.remove(&link);
    }

    /// Waits for what comes of something that takes time; forever if there is nothing.
    pub async fn next_event(&mut self) -> LinkEvent {
        loop {
            match self.tasks.join_next().await {
                Some(Ok(event)) => return event,
                // Given up.
                Some(Err(error)) if error.is_cancelled() => {}
                Some(Err(error)) => tracing::error!(%error, "a link's task failed"),
                None => std::future::pending().await,
            }
        }
    }

    /// Waits until all that was begun has ended.
    pub async fn closed(&mut self) {
        while self.tasks.join_next().await.is_some() {}
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;
    use tokio::time::timeout;
    use wire_protocol::ids::InfoHash;

    use super::*;
    use crate::links::pipe::Pipe;
    use crate::links::strangers::Strangers;

    const LINK: LinkKey = LinkKey(1);
    const SOON: Duration = Duration::from_secs(20);

    fn granted(listener: &TcpListener) -> Granted {
        let url = format!("ws://{}/link", listener.local_addr().unwrap());
        Granted { url, token: vec![1], link: LinkId([1; 16]) }
    }

    fn stranger() -> Security {
        Security::Stranger(Strangers::new(InfoHash([1; 20])))
    }

    fn table() -> (LinkTable, mpsc::Receiver<Incoming>) {
        let (incoming, received) = mpsc::channel(4);
        (LinkTable::new(incoming, mpsc::channel(4).0), received)
    }

    #[tokio::test]
    async fn the_first_address_that_answers_is_taken_and_bytes_go_both_ways() {
        let (mut table, mut received) = table();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        // Nobody listens at the first one any more.
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        table.connect(LINK, vec![silent, listener.local_addr().unwrap()], stranger());
        let (mut far, _) = listener.accept().await.unwrap();
        let LinkEvent::Opened(LINK, ends) = table.next_event().await else { panic!("not opened") };
        assert!(table.start(LINK, *ends));
        far.write_all(b"hello").await.unwrap();
        let Some(Incoming::Received(LINK, bytes)) = received.recv().await else { panic!("not received") };
        assert_eq!(bytes, "hello");
        table.open(LINK).unwrap().send(vec![bytes::Bytes::from_static(b"goodbye")], 7);
        assert!(!table.close(LINK), "it writes what was promised first");
        let mut heard = Vec::new();
        far.read_to_end(&mut heard).await.unwrap();
        assert_eq!(heard, b"goodbye");
        assert!(matches!(table.next_event().await, LinkEvent::Closed(LINK)));
    }

    #[tokio::test]
    async fn an_address_where_nobody_listens_is_unreachable() {
        let (mut table, _received) = table();
        let silent = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        table.connect(LINK, vec![silent], stranger());
        assert!(matches!(table.next_event().await, LinkEvent::Failed(LINK, LinkFailure::Unreachable)));
    }

    #[tokio::test]
    async fn a_link_that_was_given_up_is_neither_granted_nor_paired_nor_started() {
        let (mut table, _received) = table();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        table.ask(LINK);
        assert!(table.close(LINK), "nothing was opened for it");
        table.grant(LINK, granted(&listener), stranger());
        table.pair(LINK);
        timeout(SOON, table.closed()).await.expect("nothing was begun");
        let near = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        assert!(!table.start(LINK, Ends::plain(Pipe::Tcp(near).split(), bytes::Bytes::new())));
        assert!(table.open(LINK).is_none());
    }

    #[tokio::test]
    async fn giving_up_a_pairing_closes_its_socket() {
        let (mut table, _received) = table();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        table.ask(LINK);
        table.grant(LINK, granted(&listener), stranger());
        table.pair(LINK);
        // A relay that says nothing.
        let connected = async { listener.accept().await.unwrap().0 };
        let mut far = tokio::select! {
            far = connected => far,
            event = table.next_event() => panic!("{event:?}"),
        };
        assert!(table.close(LINK));
        let mut rest = Vec::new();
        let ended = timeout(SOON, far.read_to_end(&mut rest)).await.expect("the socket is closed");
        ended.unwrap();
        timeout(SOON, table.closed()).await.expect("the attempt ended");
    }
}
