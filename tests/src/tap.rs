//! What goes to and from one port on this machine's loopback interface, as anybody on the path would see it. Takes root,
//! as a packet socket does.

use std::collections::BTreeMap;
use std::io::{ErrorKind, Read};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::socket::{setsockopt, sockopt::RcvBufForce};
use socket2::{Domain, Protocol, SockFilter, Socket, Type};

/// `ETH_P_IP`, in the order of the network's bytes.
const IPV4: i32 = 0x0800_u16.to_be() as i32;
const TCP: u8 = 6;
/// What the kernel keeps for a reader that is late, bytes: more than a test sends, so that nothing is missed.
const BUFFER_LEN: usize = 128 << 20;
/// How soon it notices that it is to end.
const PATIENCE: Duration = Duration::from_millis(50);

/// Listens until it is dropped or asked what it heard.
pub struct Tap {
    ended: Arc<AtomicBool>,
    thread: JoinHandle<Streams>,
}

/// Payloads of TCP, one direction of one connection each, by the ports that they came from and went to.
#[derive(Debug, Default)]
pub struct Streams(BTreeMap<(u16, u16), Vec<u8>>);

impl Tap {
    /// Begins to listen to what goes to and from `port`.
    ///
    /// # Errors
    /// Without root.
    pub fn start(port: u16) -> Result<Self> {
        let socket = Socket::new(Domain::PACKET, Type::DGRAM, Some(Protocol::from(IPV4)))
            .context("cannot listen to the network; run the tests as root")?;
        // Before the filter is set, packets of others get in: no harm, [`tcp_payload`] reads only what is TCP.
        socket.attach_filter(&only_port(port)).context("cannot choose what to listen to")?;
        // Beyond the bound that is set for everybody, which is smaller than what is sent.
        setsockopt(&socket, RcvBufForce, &BUFFER_LEN).context("cannot keep what a late reader has not read")?;
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
    /// Each direction of each connection by itself.
    pub fn all(&self) -> impl Iterator<Item = &[u8]> {
        self.0.values().map(Vec::as_slice)
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
    loop {
        match socket.read(&mut packet) {
            Ok(len) => {
                if let Some((ports, payload)) = tcp_payload(&packet[..len]) {
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

/// Lets in what comes in by TCP over IPv4 from or to `port`; what goes out comes in again on loopback. Other tests send a
/// lot beside, which the buffer has no room for. The program is one of the kernel's packet filter: a load, then a jump
/// over so many instructions if equal and so many if not.
fn only_port(port: u16) -> [SockFilter; 11] {
    const LOAD_WORD: u16 = 0x20;
    const LOAD_HALF_BEHIND_HEADER: u16 = 0x48;
    const LOAD_BYTE: u16 = 0x30;
    const HEADER_LEN_TO_INDEX: u16 = 0xb1;
    const JUMP_IF_EQUAL: u16 = 0x15;
    const RETURN: u16 = 0x06;
    const PACKET_TYPE: u32 = 0xffff_f004;
    const OUTGOING: u32 = 4;
    let port = u32::from(port);
    [
        SockFilter::new(LOAD_WORD, 0, 0, PACKET_TYPE),
        SockFilter::new(JUMP_IF_EQUAL, 7, 0, OUTGOING),
        SockFilter::new(LOAD_BYTE, 0, 0, 9),
        SockFilter::new(JUMP_IF_EQUAL, 0, 5, u32::from(TCP)),
        SockFilter::new(HEADER_LEN_TO_INDEX, 0, 0, 0),
        SockFilter::new(LOAD_HALF_BEHIND_HEADER, 0, 0, 0),
        SockFilter::new(JUMP_IF_EQUAL, 3, 0, port),
        SockFilter::new(LOAD_HALF_BEHIND_HEADER, 0, 0, 2),
        SockFilter::new(JUMP_IF_EQUAL, 1, 0, port),
        SockFilter::new(RETURN, 0, 0, 0),
        SockFilter::new(RETURN, 0, 0, u32::MAX),
    ]
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
