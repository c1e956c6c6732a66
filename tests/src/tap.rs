//! What crosses this machine's loopback interface, as anybody on the path would see it. Takes root, as a packet socket does.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use socket2::{Domain, Protocol, Socket, Type};

/// `ETH_P_IP`, in the order of the network's bytes.
const IPV4: i32 = 0x0800_u16.to_be() as i32;
const TCP: u8 = 6;
/// What the kernel keeps for a reader that is late, bytes.
const BUFFER_LEN: usize = 64 << 20;
/// All that is kept, bytes.
const KEPT_MAX: usize = 256 << 20;
/// How soon it notices that it is to end.
const PATIENCE: Duration = Duration::from_millis(50);

/// Listens until it is dropped or asked what it heard.
pub struct Tap {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Streams>,
}

/// Payloads of TCP, one direction of one connection each, by the ports that they came from and went to. What the
/// interface shows twice (going out, coming in) stands there twice.
#[derive(Debug, Default)]
pub struct Streams(BTreeMap<(u16, u16), Vec<u8>>);

impl Tap {
    /// Begins to listen.
    ///
    /// # Errors
    /// Without root.
    pub fn start() -> Result<Self> {
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(IPV4)))
            .context("cannot listen to the network; run the tests as root")?;
        // Fails where a smaller bound is set; then a slow machine may miss packets.
        let _ = socket.set_recv_buffer_size(BUFFER_LEN);
        socket.set_read_timeout(Some(PATIENCE))?;
        let ended = Arc::new(AtomicBool::new(false));
        let seen = ended.clone();
        let thread = std::thread::spawn(move || listen(socket, &seen));
        Ok(Self { ended, thread })
    }

    /// Ends, and says what it heard.
    ///
    /// # Errors
    /// If listening failed.
    pub fn streams(self) -> Result<Streams> {
        self.ended.store(true, Ordering::Relaxed);
        self.thread.join().map_err(|_| anyhow::anyhow!("the tap's thread panicked"))
    }
}

impl Streams {
    /// What went to and from a port, each direction of each connection by itself.
    pub fn of_port(&self, port: u16) -> impl Iterator<Item = &[u8]> {
        self.0.iter().filter(move |((from, to), _)| *from == port || *to == port).map(|(_, bytes)| bytes.as_slice())
    }

    /// What a server at this port sent on connections that began with `request`.
    pub fn answers(&self, port: u16, request: &[u8]) -> impl Iterator<Item = &[u8]> {
        let asked = self.0.iter().filter(move |((_, to), bytes)| *to == port && bytes.starts_with(request));
        asked.filter_map(move |((from, _), _)| self.0.get(&(port, *from)).map(Vec::as_slice))
    }
}

fn listen(mut socket: Socket, ended: &AtomicBool) -> Streams {
    let mut streams = Streams::default();
    let mut packet = vec![0; 1 << 17];
    let mut kept = 0;
    loop {
        match socket.read(&mut packet) {
            Ok(len) => {
                if let Some((ports, payload)) = tcp_payload(&packet[..len]).filter(|_| kept < KEPT_MAX) {
                    kept += payload.len();
                    streams.0.entry(ports).or_default().extend_from_slice(payload);
                }
            }
            // Nothing is left of what was sent before the end.
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut) => {
                if ended.load(Ordering::Relaxed) {
                    return streams;
                }
            }
            Err(_) => return streams,
        }
    }
}

/// The ports, and what a TCP segment over IPv4 carries.
fn tcp_payload(packet: &[u8]) -> Option<((u16, u16), &[u8])> {
    let ip_header = usize::from(packet.first()? & 0x0f) * 4;
    let is_tcp = packet[0] >> 4 == 4 && *packet.get(9)? == TCP;
    let total = usize::from(u16::from_be_bytes([*packet.get(2)?, *packet.get(3)?]));
    // A segment that the interface did not have to cut may have no length of its own.
    let total = if total == 0 { packet.len() } else { total.min(packet.len()) };
    let segment = packet.get(ip_header..total).filter(|_| is_tcp)?;
    let port = |at: usize| Some(u16::from_be_bytes([*segment.get(at)?, *segment.get(at + 1)?]));
    let tcp_header = usize::from(segment.get(12)? >> 4) * 4;
    Some(((port(0)?, port(2)?), segment.get(tcp_header..)?))
}

/// Whether `needle` is in `haystack`.
pub fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    let Some(first) = needle.first() else {
        return true;
    };
    let mut rest = haystack;
    while let Some(at) = rest.iter().position(|byte| byte == first) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}
