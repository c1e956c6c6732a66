//! Asking trackers over UDP (BEP 15): one socket for all of them.

mod connections;
mod waiting;

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use reqwest::Url;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::{UdpSocket, lookup_host};
use tokio::time::{sleep, timeout};
use tokio_util::task::AbortOnDropHandle;
use tracker_wire::udp::{Request, Response, url_data};
use tracker_wire::{Ask, Terms};

use super::families::ask_all;
use super::trackers::{Answer, Failed};
use crate::random;
use connections::Connections;
use waiting::Waiting;

/// BEP 15: 15·2ⁿ seconds. Its eight retransmissions would take an hour; the next tracker is sooner.
pub(super) const FIRST_WAIT: Duration = Duration::from_secs(15);
const TRIES: u32 = 2;
const LOOK_UP_TIMEOUT: Duration = Duration::from_secs(15);
/// After an error of the socket.
const ERROR_PAUSE: Duration = Duration::from_millis(100);
/// The most that a tracker sends: a header and 200 peers of IPv6 are less.
const PACKET_LEN_MAX: usize = 8 * 1024;

/// Clones share the socket, which ends with the last one.
#[derive(Debug, Clone)]
pub(super) struct UdpTrackers {
    shared: Arc<Shared>,
    _reader: Arc<AbortOnDropHandle<()>>,
}

#[derive(Debug)]
struct Shared {
    socket: UdpSocket,
    is_v6: bool,
    waiting: Waiting,
    connections: Connections,
    first_wait: Duration,
}

impl UdpTrackers {
    /// # Errors
    /// There is no socket.
    pub(super) fn new(first_wait: Duration) -> io::Result<Self> {
        let (socket, is_v6) = match bind(IpAddr::V6(Ipv6Addr::UNSPECIFIED)) {
            Ok(socket) => (socket, true),
            Err(_) => (bind(IpAddr::V4(Ipv4Addr::UNSPECIFIED))?, false),
        };
        let (waiting, connections) = (Waiting::default(), Connections::default());
        let shared = Arc::new(Shared { socket, is_v6, waiting, connections, first_wait });
        let reader = tokio::spawn(read(shared.clone()));
        Ok(Self { shared, _reader: Arc::new(AbortOnDropHandle::new(reader)) })
    }

    /// Announces.
    ///
    /// # Errors
    /// What the tracker refused, or why there is no answer.
    pub(super) async fn announce(&self, ask: &Ask) -> Result<Answer, Failed> {
        let trackers = self.shared.look_up(&ask.url).await?;
        ask_all(trackers.into_iter().map(|tracker| self.announce_at(tracker, ask))).await
    }

    async fn announce_at(&self, tracker: SocketAddr, ask: &Ask) -> Result<Answer, Failed> {
        for attempt in 0..TRIES {
            let wait = self.shared.first_wait * (1 << attempt);
            if let Ok(answer) = timeout(wait, self.shared.announce(tracker, ask)).await {
                return answer;
            }
            // Perhaps it was restarted.
            self.shared.connections.forget(tracker);
        }
        Err(Failed::because("it does not answer"))
    }
}

/// An IPv6 socket that takes IPv4 too, or one of IPv4.
fn bind(ip: IpAddr) -> io::Result<UdpSocket> {
    let address = SocketAddr::new(ip, 0);
    let socket = Socket::new(Domain::for_address(address), Type::DGRAM, Some(Protocol::UDP))?;
    if ip.is_ipv6() {
        socket.set_only_v6(false)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&address.into())?;
    UdpSocket::from_std(socket.into())
}

/// Hands answers to those who wait for them, until it is aborted.
async fn read(shared: Arc<Shared>) {
    let mut packet = vec![0; PACKET_LEN_MAX];
    loop {
        // An error is an earlier packet's: its sender runs out of time.
        let Ok((len, from)) = shared.socket.recv_from(&mut packet).await else {
            sleep(ERROR_PAUSE).await;
            continue;
        };
        let from = canonical(from);
        if let Ok(response) = Response::decode(&packet[..len], from.is_ipv6()) {
            shared.waiting.answer(from, response);
        }
    }
}

impl Shared {
    /// At most one address of each family.
    async fn look_up(&self, url: &str) -> Result<Vec<SocketAddr>, Failed> {
        let parsed = Url::parse(url).map_err(|error| Failed::because(error.to_string()))?;
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port().filter(|port| *port != 0)) else {
            return Err(Failed::because("its address has no host or no port"));
        };
        let found = timeout(LOOK_UP_TIMEOUT, lookup_host((host.trim_matches(['[', ']']), port))).await;
        let addresses = found.map_err(|_| Failed::because("its name cannot be looked up"))?;
        let addresses = addresses.map_err(|error| Failed::because(error.to_string()))?;
        let (v4, v6): (Vec<SocketAddr>, Vec<SocketAddr>) = addresses.map(canonical).partition(SocketAddr::is_ipv4);
        let v6 = v6.into_iter().filter(|_| self.is_v6);
        let firsts: Vec<SocketAddr> = v4.into_iter().take(1).chain(v6.take(1)).collect();
        if firsts.is_empty() {
            return Err(Failed::because("it has no address that can be reached"));
        }
        Ok(firsts)
    }

    async fn announce(&self, tracker: SocketAddr, ask: &Ask) -> Result<Answer, Failed> {
        let connection = match self.connections.get(tracker) {
            Some(connection) => connection,
            None => self.connect(tracker).await?,
        };
        let transaction = transaction();
        let url_data = url_data(&ask.url).as_bytes().to_vec();
        let request = Request::Announce { connection, transaction, announce: ask.announce.clone(), url_data };
        match self.exchange(tracker, transaction, &request).await? {
            Response::Announce { interval, leechers, seeders, peers, .. } => Ok(Answer {
                terms: Terms { interval: Some(interval), min_interval: None, tracker_id: None },
                addresses: peers,
                seeders: Some(seeders),
                leechers: Some(leechers),
                warning: None,
            }),
            other => Err(self.refused(tracker, other)),
        }
    }

    async fn connect(&self, tracker: SocketAddr) -> Result<u64, Failed> {
        let transaction = transaction();
        match self.exchange(tracker, transaction, &Request::Connect { transaction }).await? {
            Response::Connect { connection, .. } => {
                self.connections.keep(tracker, connection);
                Ok(connection)
            }
            other => Err(self.refused(tracker, other)),
        }
    }

    /// The connection id may be what the tracker does not like.
    fn refused(&self, tracker: SocketAddr, response: Response) -> Failed {
        self.connections.forget(tracker);
        match response {
            Response::Error { reason, .. } => Failed::because(format!("refused: {reason}")),
            _ => Failed::because("it answers another question"),
        }
    }

    async fn exchange(&self, tracker: SocketAddr, transaction: u32, request: &Request) -> Result<Response, Failed> {
        let answer = self.waiting.wait(tracker, transaction);
        let to = if self.is_v6 { mapped(tracker) } else { tracker };
        let sent = self.socket.send_to(&request.encode(), to).await;
        sent.map_err(|error| Failed::because(error.to_string()))?;
        answer.await.ok_or_else(|| Failed::because("it does not answer"))
    }
}

/// Random: whoever cannot see our packets cannot answer them.
fn transaction() -> u32 {
    u32::from_be_bytes(random::bytes())
}

fn canonical(address: SocketAddr) -> SocketAddr {
    SocketAddr::new(address.ip().to_canonical(), address.port())
}

/// As an IPv6 socket writes IPv4.
fn mapped(address: SocketAddr) -> SocketAddr {
    match address.ip() {
        IpAddr::V4(ip) => SocketAddr::new(IpAddr::V6(ip.to_ipv6_mapped()), address.port()),
        IpAddr::V6(_) => address,
    }
}
