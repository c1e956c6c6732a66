//! Peers on the local network (BEP 14): each says by multicast which torrents it has.

use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use local_peer::Source;
use peer_wire::InfoHash;
use socket2::{Domain, Protocol, Socket, Type};
use tokio::net::UdpSocket;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior, interval, sleep};

use super::Found;
use super::addresses::dialable;
use crate::random;

const PORT: u16 = 6771;
/// Between two announces; BEP 14 allows one a minute.
const INTERVAL: Duration = Duration::from_secs(5 * 60);
/// BEP 14: longer packets are not read.
const PACKET_LEN_MAX: usize = 1400;
/// After an error of the socket.
const ERROR_PAUSE: Duration = Duration::from_millis(100);
/// Peers that are heard in a second; a network has no more in earnest.
const HEARD_PER_SECOND: u32 = 20;

/// Where it listens, and to whom it speaks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub(super) bind: SocketAddr,
    pub(super) group: SocketAddr,
}

/// The groups of BEP 14.
pub(super) const PLACES: [Place; 2] = [
    Place {
        bind: SocketAddr::new(IpAddr::V4(Ipv4Addr::UNSPECIFIED), PORT),
        group: SocketAddr::new(IpAddr::V4(Ipv4Addr::new(239, 192, 152, 143)), PORT),
    },
    Place {
        bind: SocketAddr::new(IpAddr::V6(Ipv6Addr::UNSPECIFIED), PORT),
        group: SocketAddr::new(IpAddr::V6(Ipv6Addr::new(0xff15, 0, 0, 0, 0, 0, 0xefc0, 0x988f)), PORT),
    },
];

/// Announces where there is a port, and listens. Ends where there is no such network, which is no error.
pub(super) async fn search(place: Place, info_hash: InfoHash, port: Option<u16>, found: mpsc::Sender<Found>) {
    if let Err(error) = try_search(place, info_hash, port, &found).await {
        tracing::debug!(group = %place.group, %error, "no discovery on the local network");
    }
}

async fn try_search(
    place: Place,
    info_hash: InfoHash,
    port: Option<u16>,
    found: &mpsc::Sender<Found>,
) -> io::Result<()> {
    let socket = bind(place)?;
    let cookie = format!("{:016x}", random::seed());
    let mut announces = interval(INTERVAL);
    announces.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut packet = [0; PACKET_LEN_MAX + 1];
    let mut rate = Rate { since: Instant::now(), heard: 0 };
    loop {
        tokio::select! {
            _ = announces.tick() => {
                if let Some(port) = port {
                    let announce = encode(place.group, info_hash, port, &cookie);
                    // The network may come back.
                    if let Err(error) = socket.send_to(&announce, place.group).await {
                        tracing::debug!(group = %place.group, %error, "nobody hears of us");
                    }
                }
            }
            received = socket.recv_from(&mut packet) => {
                // An error is one packet's, on some systems of one that is too long.
                let Ok((len, mut from)) = received else {
                    sleep(ERROR_PAUSE).await;
                    continue;
                };
                let Some(port) = decode(&packet[..len], info_hash, &cookie).filter(|_| rate.allows()) else { continue };
                from.set_port(port);
                let addresses = dialable([from]);
                let is_taken = addresses.is_empty() || found.send(Found { source: Source::Lan, addresses }).await.is_ok();
                if !is_taken {
                    return Ok(());
                }
            }
        }
    }
}

/// Several programs of one machine listen at the same port.
fn bind(place: Place) -> io::Result<UdpSocket> {
    let socket = Socket::new(Domain::for_address(place.bind), Type::DGRAM, Some(Protocol::UDP))?;
    socket.set_reuse_address(true)?;
    #[cfg(unix)]
    socket.set_reuse_port(true)?;
    if place.bind.is_ipv6() {
        socket.set_only_v6(true)?;
    }
    socket.set_nonblocking(true)?;
    socket.bind(&place.bind.into())?;
    match place.group.ip() {
        IpAddr::V4(group) if group.is_multicast() => socket.join_multicast_v4(&group, &Ipv4Addr::UNSPECIFIED)?,
        IpAddr::V6(group) if group.is_multicast() => socket.join_multicast_v6(&group, 0)?,
        _ => {}
    }
    UdpSocket::from_std(socket.into())
}

fn encode(group: SocketAddr, info_hash: InfoHash, port: u16, cookie: &str) -> Vec<u8> {
    let head = format!("BT-SEARCH * HTTP/1.1\r\nHost: {group}\r\nPort: {port}\r\n");
    format!("{head}Infohash: {info_hash}\r\ncookie: {cookie}\r\n\r\n\r\n").into_bytes()
}

/// The port of another peer of this torrent. A packet may name several torrents.
fn decode(packet: &[u8], info_hash: InfoHash, own_cookie: &str) -> Option<u16> {
    if packet.len() > PACKET_LEN_MAX {
        return None;
    }
    let mut lines = std::str::from_utf8(packet).ok()?.lines();
    lines.next().filter(|line| line.starts_with("BT-SEARCH "))?;
    let (mut port, mut is_of_torrent) = (None, false);
    for line in lines {
        let Some((name, value)) = line.split_once(':') else { continue };
        let value = value.trim();
        match name.trim().to_ascii_lowercase().as_str() {
            "port" => port = value.parse().ok(),
            "infohash" => is_of_torrent |= value.parse() == Ok(info_hash),
            "cookie" if value == own_cookie => return None,
            _ => {}
        }
    }
    port.filter(|_| is_of_torrent)
}

struct Rate {
    since: Instant,
    heard: u32,
}

impl Rate {
    fn allows(&mut self) -> bool {
        if self.since.elapsed() >= Duration::from_secs(1) {
            (self.since, self.heard) = (Instant::now(), 0);
        }
        self.heard += 1;
        self.heard <= HEARD_PER_SECOND
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TORRENT: InfoHash = InfoHash([0xab; 20]);

    #[test]
    fn an_announce_is_as_bep_14_shows_it() {
        let packet = encode(PLACES[0].group, TORRENT, 6881, "own");
        let expected = "BT-SEARCH * HTTP/1.1\r\nHost: 239.192.152.143:6771\r\nPort: 6881\r\n\
            Infohash: abababababababababababababababababababab\r\ncookie: own\r\n\r\n\r\n";
        assert_eq!(packet, expected.as_bytes());
        assert_eq!(decode(&packet, TORRENT, "another"), Some(6881));
        assert_eq!(decode(&packet, TORRENT, "own"), None, "our own");
        assert_eq!(decode(&packet, InfoHash([1; 20]), "another"), None, "another torrent");
        assert_eq!(PLACES[1].group.to_string(), "[ff15::efc0:988f]:6771");
    }

    #[test]
    fn announces_of_other_clients_are_read() {
        let several = "BT-SEARCH * HTTP/1.1\r\nHost: [ff15::efc0:988f]:6771\r\nPORT:51413\r\n\
            Infohash: 0101010101010101010101010101010101010101\r\nINFOHASH: ABABABABABABABABABABABABABABABABABABABAB\r\n\r\n\r\n";
        assert_eq!(decode(several.as_bytes(), TORRENT, "own"), Some(51413));
        let long = format!("{several}{}", " ".repeat(PACKET_LEN_MAX));
        let no_port = several.replace("51413", "70000");
        let answer = several.replace("BT-SEARCH", "HTTP/1.1");
        for damaged in ["", "\r\n", "BT-SEARCH * HTTP/1.1", &long, &no_port, &answer] {
            assert_eq!(decode(damaged.as_bytes(), TORRENT, "own"), None);
        }
        assert_eq!(decode(b"BT-SEARCH \xff", TORRENT, "own"), None);
    }
}
