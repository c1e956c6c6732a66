//! `ut_pex` (BEP 11): peers tell each other of peers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

use bendy::decoding::{Decoder as Bencode, Object};
use bendy::encoding::{AsString, Encoder};

/// Peers of one message that are read and written, each kind: BEP 11 allows 50 at once, and some send 100 first.
pub const PEX_PEERS_MAX: usize = 100;
/// Nesting of dictionaries that is read.
const DEPTH_MAX: usize = 2;
const V4_LEN: usize = 6;
const V6_LEN: usize = 18;

/// `added.f`: it has everything.
const SEED: u8 = 0x02;
/// `added.f`: whoever tells of it has dialed it.
const REACHED: u8 = 0x10;

/// Who came and who went since the message before.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct PexMessage {
    /// Connected meanwhile.
    pub added: Vec<PexPeer>,
    /// Gone meanwhile.
    pub dropped: Vec<SocketAddr>,
}

/// A peer that another one is told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PexPeer {
    /// Where it accepts connections.
    pub address: SocketAddr,
    /// It has everything.
    pub is_seed: bool,
    /// Whoever tells of it has dialed it.
    pub is_reached: bool,
}

impl PexPeer {
    fn new(address: SocketAddr, flags: u8) -> Self {
        Self { address, is_seed: flags & SEED != 0, is_reached: flags & REACHED != 0 }
    }

    fn flags(&self) -> u8 {
        (u8::from(self.is_seed) * SEED) | (u8::from(self.is_reached) * REACHED)
    }
}

/// Of whom nothing else is told.
impl From<SocketAddr> for PexPeer {
    fn from(address: SocketAddr) -> Self {
        Self::new(address, 0)
    }
}

impl PexMessage {
    /// As it goes into the payload.
    pub fn encode(&self) -> Vec<u8> {
        let addresses: Vec<SocketAddr> = self.added.iter().map(|peer| peer.address).collect();
        let (added, added6) = compact(&addresses);
        let (dropped, dropped6) = compact(&self.dropped);
        let (v4, v6): (Vec<&PexPeer>, Vec<&PexPeer>) = self.added.iter().partition(|peer| is_v4(peer.address));
        let flags = |peers: Vec<&PexPeer>| AsString(peers.iter().map(|peer| peer.flags()).collect::<Vec<u8>>());
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder
            .emit_dict(|mut dict| {
                dict.emit_pair(b"added", AsString(&added))?;
                dict.emit_pair(b"added.f", flags(v4))?;
                dict.emit_pair(b"added6", AsString(&added6))?;
                dict.emit_pair(b"added6.f", flags(v6))?;
                dict.emit_pair(b"dropped", AsString(&dropped))?;
                dict.emit_pair(b"dropped6", AsString(&dropped6))
            })
            .expect("strings always encode");
        encoder.get_output().expect("the dictionary is closed")
    }

    /// Reads one; `None`: not bencode. What is no whole address is left out, and so is what stands behind
    /// [`PEX_PEERS_MAX`].
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut decoder = Bencode::new(payload).with_max_depth(DEPTH_MAX);
        let mut dict = decoder.next_object().ok()??.try_into_dictionary().ok()?;
        let mut message = Self::default();
        // With those without a port, so that each has its flags: they stand behind the addresses.
        let (mut added, mut added6): (Vec<SocketAddr>, Vec<SocketAddr>) = (Vec::new(), Vec::new());
        let (mut flags, mut flags6): (&[u8], &[u8]) = (&[], &[]);
        while let Some((key, value)) = dict.next_pair().ok()? {
            let Object::Bytes(bytes) = value else { continue };
            match key {
                b"added" => added = all_v4(bytes).take(PEX_PEERS_MAX).collect(),
                b"added6" => added6 = all_v6(bytes).take(PEX_PEERS_MAX).collect(),
                b"added.f" => flags = bytes,
                b"added6.f" => flags6 = bytes,
                b"dropped" => message.dropped.extend(v4_addresses(bytes).take(PEX_PEERS_MAX)),
                b"dropped6" => message.dropped.extend(v6_addresses(bytes).take(PEX_PEERS_MAX)),
                _ => {}
            }
        }
        for (addresses, flags) in [(added, flags), (added6, flags6)] {
            let flags = flags.iter().copied().chain(std::iter::repeat(0));
            let peers = addresses.into_iter().zip(flags).filter(|(address, _)| address.port() != 0);
            message.added.extend(peers.map(|(address, flags)| PexPeer::new(address, flags)));
        }
        Some(message)
    }
}

fn is_v4(address: SocketAddr) -> bool {
    address.ip().to_canonical().is_ipv4()
}

/// Compact IPv4 addresses, 6 bytes each (BEP 23), those with a port.
pub fn v4_addresses(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    all_v4(bytes).filter(|address| address.port() != 0)
}

/// Compact IPv6 addresses, 18 bytes each (BEP 7), those with a port.
pub fn v6_addresses(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    all_v6(bytes).filter(|address| address.port() != 0)
}

fn all_v4(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    let (addresses, _) = bytes.as_chunks::<V4_LEN>();
    let address = |[a, b, c, d, port @ ..]: &[u8; V4_LEN]| {
        SocketAddr::from((Ipv4Addr::new(*a, *b, *c, *d), u16::from_be_bytes(*port)))
    };
    addresses.iter().map(address)
}

fn all_v6(bytes: &[u8]) -> impl Iterator<Item = SocketAddr> {
    let (addresses, _) = bytes.as_chunks::<V6_LEN>();
    let address = |bytes: &[u8; V6_LEN]| {
        let (ip, port) = bytes.split_last_chunk::<2>().expect("18 bytes");
        let ip: [u8; 16] = ip.try_into().expect("16 bytes");
        SocketAddr::from((Ipv6Addr::from(ip), u16::from_be_bytes(*port)))
    };
    addresses.iter().map(address)
}

/// Both kinds, compact.
pub fn compact(addresses: &[SocketAddr]) -> (Vec<u8>, Vec<u8>) {
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    for address in addresses {
        match address.ip().to_canonical() {
            IpAddr::V4(ip) => v4.extend_from_slice(&[&ip.octets()[..], &address.port().to_be_bytes()].concat()),
            IpAddr::V6(ip) => v6.extend_from_slice(&[&ip.octets()[..], &address.port().to_be_bytes()].concat()),
        }
    }
    (v4, v6)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn peer(address: &str, flags: u8) -> PexPeer {
        PexPeer::new(address.parse().unwrap(), flags)
    }

    #[test]
    fn both_kinds_of_addresses_are_written_and_read() {
        let message = PexMessage {
            added: vec![peer("1.2.3.4:258", SEED), peer("9.9.9.9:9", 0), peer("[2001:db8::1]:80", REACHED | SEED)],
            dropped: vec!["5.6.7.8:9".parse().unwrap()],
        };
        let bytes = message.encode();
        let begin = b"d5:added12:\x01\x02\x03\x04\x01\x02\x09\x09\x09\x09\x00\x097:added.f2:\x02\x006:added618:\x20\x01\x0d\xb8";
        assert_eq!(&bytes[..begin.len()], begin);
        assert_eq!(PexMessage::decode(&bytes), Some(message));
    }

    #[test]
    fn whoever_has_no_port_takes_its_flags_along() {
        let bytes = b"d5:added12:\x01\x02\x03\x04\x00\x00\x05\x06\x07\x08\x00\x097:added.f2:\x02\x10e";
        assert_eq!(PexMessage::decode(bytes).unwrap().added, [peer("5.6.7.8:9", REACHED)]);
    }

    #[test]
    fn halves_ports_of_zero_and_what_is_too_much_are_left_out() {
        let half = b"d5:added8:\x01\x02\x03\x04\x00\x05\x06\x07e";
        assert_eq!(PexMessage::decode(half).unwrap().added, [peer("1.2.3.4:5", 0)]);
        assert_eq!(PexMessage::decode(b"d5:added6:\x01\x02\x03\x04\x00\x00e"), Some(PexMessage::default()));
        let many = PexMessage { added: vec![peer("1.2.3.4:5", 0); 3 * PEX_PEERS_MAX], dropped: Vec::new() };
        assert_eq!(PexMessage::decode(&many.encode()).unwrap().added.len(), PEX_PEERS_MAX);
        assert_eq!(PexMessage::decode(b"le"), None);
        assert_eq!(PexMessage::decode(b"d5:added6:"), None);
    }
}
