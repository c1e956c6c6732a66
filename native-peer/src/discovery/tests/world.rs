//! Trackers on loopback, and a search that asks them.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use peer_wire::{InfoHash, PeerId};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UdpSocket};
use tokio::sync::{mpsc, watch};
use tokio::time::timeout;
use tokio_util::task::AbortOnDropHandle;
use tracker_wire::http::{AnnounceQuery, AnnounceResponse, Failure, Listed, PeerForm};
use tracker_wire::udp::{Request, Response};
use tracker_wire::{Event, Transferred};

use super::super::{Config, Discovery, Network};

pub(super) const TORRENT: InfoHash = InfoHash([0xab; 20]);
pub(super) const MISSING: Transferred = Transferred { uploaded: 0, downloaded: 0, left: 1000 };
const PATIENCE: Duration = Duration::from_secs(20);

/// What comes, or the test fails.
pub(super) async fn soon<T>(what: impl Future<Output = T>) -> T {
    timeout(PATIENCE, what).await.expect("it takes too long")
}

pub(super) fn config(tiers: &[&[&str]]) -> Config {
    let tiers = tiers.iter().map(|tier| tier.iter().map(|url| (*url).to_owned()).collect()).collect();
    let peer_id = PeerId::covey([7; 12]);
    Config { info_hash: TORRENT, peer_id, port: Some(6881), tiers, is_private: false, dht: None, local: false }
}

pub(super) fn start(config: Config) -> (Discovery, watch::Sender<Transferred>) {
    let (sender, transferred) = watch::channel(MISSING);
    let network = Network { udp_wait: Duration::from_millis(200), ..Network::default() };
    (Discovery::start_with(config, transferred, &network), sender)
}

/// Waits until a tracker has said something.
pub(super) async fn said(discovery: &Discovery, number: usize) -> String {
    let mut statuses = discovery.statuses();
    let statuses = soon(statuses.wait_for(|statuses| !statuses[number].said.is_empty())).await;
    statuses.expect("it goes on")[number].said.clone()
}

pub(super) fn peers(addresses: &[&str]) -> Vec<u8> {
    let listed = |address: &&str| Listed { address: address.parse().expect("an address"), peer_id: None };
    let peers = addresses.iter().map(listed).collect();
    let counts = (Some(3), Some(9));
    let response = AnnounceResponse {
        interval: Some(1800),
        seeders: counts.0,
        leechers: counts.1,
        peers,
        ..AnnounceResponse::default()
    };
    ok(&response.encode(PeerForm::Compact))
}

pub(super) fn refusal(reason: &str) -> Vec<u8> {
    ok(&Failure { reason: reason.to_owned(), retry: None }.encode())
}

pub(super) fn ok(body: &[u8]) -> Vec<u8> {
    [format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n", body.len()).as_bytes(), body].concat()
}

/// A tracker over HTTP.
pub(super) struct HttpTracker {
    pub(super) url: String,
    /// The request lines and headers.
    asked: mpsc::Receiver<String>,
    _task: AbortOnDropHandle<()>,
}

impl HttpTracker {
    /// Answers every request so; `None`: never.
    pub(super) async fn start(answer: Option<Vec<u8>>) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        Self::listen(listener, answer)
    }

    pub(super) fn listen(listener: TcpListener, answer: Option<Vec<u8>>) -> Self {
        let url = format!("http://{}/announce?passkey=secret", listener.local_addr().expect("it listens"));
        let (sender, asked) = mpsc::channel(100);
        let task = tokio::spawn(async move {
            let mut open = Vec::new();
            while let Ok((mut stream, _)) = listener.accept().await {
                let Some(request) = read_request(&mut stream).await else { continue };
                let _ = sender.send(request).await;
                match &answer {
                    Some(answer) => {
                        let _ = stream.write_all(answer).await;
                    }
                    None => open.push(stream),
                }
            }
        });
        Self { url, asked, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) async fn next_request(&mut self) -> String {
        soon(self.asked.recv()).await.expect("the tracker runs")
    }

    pub(super) async fn next(&mut self) -> AnnounceQuery {
        let request = self.next_request().await;
        let path = request.split(' ').nth(1).expect("a path");
        let query = path.strip_prefix("/announce?").expect("the path stays");
        assert!(query.starts_with("passkey=secret&"), "the query stays: {query}");
        AnnounceQuery::decode(query.as_bytes()).expect("a query")
    }

    pub(super) fn was_asked_more(&mut self) -> bool {
        self.asked.try_recv().is_ok()
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<String> {
    let mut request = Vec::new();
    while !request.ends_with(b"\r\n\r\n") {
        request.push(stream.read_u8().await.ok()?);
    }
    String::from_utf8(request).ok()
}

/// A tracker over UDP.
pub(super) struct UdpTracker {
    pub(super) address: SocketAddr,
    asked: mpsc::Receiver<Request>,
    _task: AbortOnDropHandle<()>,
}

const CONNECTION: u64 = 0x1234_5678_9abc_def0;

impl UdpTracker {
    /// The first `lost` packets are not answered; `error`: announces are refused so.
    pub(super) async fn start(lost: usize, error: Option<&'static str>) -> Self {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port");
        let address = socket.local_addr().expect("it is bound");
        let (sender, asked) = mpsc::channel(100);
        let task = tokio::spawn(async move {
            let mut packet = [0; 2048];
            let mut number = 0;
            while let Ok((len, from)) = socket.recv_from(&mut packet).await {
                let request = Request::decode(&packet[..len]).expect("a request");
                let response = respond(&request, error);
                number += 1;
                if number > lost {
                    // Somebody else's answer goes before.
                    let stranger = Response::Error { transaction: !response.transaction(), reason: "no".to_owned() };
                    let _ = socket.send_to(&stranger.encode(false), from).await;
                    let _ = socket.send_to(&response.encode(false), from).await;
                }
                let _ = sender.send(request).await;
            }
        });
        Self { address, asked, _task: AbortOnDropHandle::new(task) }
    }

    pub(super) fn url(&self) -> String {
        format!("udp://{}/announce?key=1", self.address)
    }

    pub(super) async fn next(&mut self) -> Request {
        soon(self.asked.recv()).await.expect("the tracker runs")
    }

    /// The next announce's event, and whether a connect came before it.
    pub(super) async fn next_announce(&mut self) -> (Option<Event>, bool) {
        let mut connected = false;
        loop {
            match self.next().await {
                Request::Connect { .. } => connected = true,
                Request::Announce { connection, announce, url_data, .. } => {
                    assert_eq!(connection, CONNECTION);
                    assert_eq!((announce.info_hash, announce.port), (TORRENT, 6881));
                    assert_eq!(url_data, b"/announce?key=1");
                    return (announce.event, connected);
                }
                Request::Scrape { .. } => panic!("nobody scrapes"),
            }
        }
    }
}

fn respond(request: &Request, error: Option<&str>) -> Response {
    match request {
        Request::Connect { transaction } => Response::Connect { transaction: *transaction, connection: CONNECTION },
        Request::Announce { transaction, .. } => match error {
            Some(reason) => Response::Error { transaction: *transaction, reason: reason.to_owned() },
            None => {
                let peers = vec!["1.2.3.4:5".parse().expect("an address")];
                Response::Announce { transaction: *transaction, interval: 1800, leechers: 1, seeders: 0, peers }
            }
        },
        Request::Scrape { .. } => panic!("nobody scrapes"),
    }
}
