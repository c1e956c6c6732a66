//! A tracker's answer to an announce (BEP 3, 7, 23).

use std::net::{IpAddr, SocketAddr};

use bendy::decoding::{DictDecoder, ListDecoder, Object};
use bendy::encoding::{AsString, Encoder, Error, SortedDictEncoder};
use peer_wire::{PeerId, compact, v4_addresses, v6_addresses};

use super::failure::AnswerError;
use super::reading::{DEPTH_MAX, for_each_pair, number};
use crate::PEERS_MAX;

/// The longest answer that is read, bytes.
pub const RESPONSE_LEN_MAX: usize = 2 * 1024 * 1024;
/// The longest tracker id that is kept, bytes.
const TRACKER_ID_LEN_MAX: usize = 256;

/// A peer of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Listed {
    /// Where it accepts connections. Its port is not 0.
    pub address: SocketAddr,
    /// Its peer id, where the list has them.
    pub peer_id: Option<PeerId>,
}

/// How peers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PeerForm {
    /// `peers` and `peers6`, 6 and 18 bytes each (BEP 23, 7).
    Compact,
    /// Dictionaries, those with peer ids with them (BEP 3).
    Dictionaries,
    /// Dictionaries without peer ids (`no_peer_id`).
    WithoutIds,
}

/// Peers, and when to come again.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AnnounceResponse {
    /// Seconds until the next regular announce.
    pub interval: Option<u32>,
    /// `min interval`: seconds before which nobody should come again.
    pub min_interval: Option<u32>,
    /// `complete`: seeders.
    pub seeders: Option<u32>,
    /// `incomplete`: leechers.
    pub leechers: Option<u32>,
    /// `tracker id`: to be sent with the next announces; at most 256 bytes.
    pub tracker_id: Option<Vec<u8>>,
    /// `warning message`, for people. Read from a tracker it is safe to show.
    pub warning: Option<String>,
    /// At most [`PEERS_MAX`] are read.
    pub peers: Vec<Listed>,
}

impl AnnounceResponse {
    /// The answer's body.
    pub fn encode(&self, form: PeerForm) -> Vec<u8> {
        self.encode_to(form, None)
    }

    /// The answer's body, with the address that the tracker sees the peer at: `external ip` (BEP 24).
    pub fn encode_to(&self, form: PeerForm, external: Option<IpAddr>) -> Vec<u8> {
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder.emit_dict(|dict| self.emit(dict, form, external)).expect("strings and integers always encode");
        encoder.get_output().expect("the dictionary is closed")
    }

    fn emit(&self, mut dict: SortedDictEncoder<'_>, form: PeerForm, external: Option<IpAddr>) -> Result<(), Error> {
        if let Some(seeders) = self.seeders {
            dict.emit_pair(b"complete", seeders)?;
        }
        match external.map(|ip| ip.to_canonical()) {
            Some(IpAddr::V4(ip)) => dict.emit_pair(b"external ip", AsString(ip.octets()))?,
            Some(IpAddr::V6(ip)) => dict.emit_pair(b"external ip", AsString(ip.octets()))?,
            None => {}
        }
        let numbers: [(&[u8], Option<u32>); 3] =
            [(b"incomplete", self.leechers), (b"interval", self.interval), (b"min interval", self.min_interval)];
        for (key, number) in numbers {
            number.map_or(Ok(()), |number| dict.emit_pair(key, number))?;
        }
        match form {
            PeerForm::Compact => emit_compact(&mut dict, &self.peers)?,
            PeerForm::Dictionaries => emit_dictionaries(&mut dict, &self.peers, true)?,
            PeerForm::WithoutIds => emit_dictionaries(&mut dict, &self.peers, false)?,
        }
        if let Some(id) = &self.tracker_id {
            dict.emit_pair(b"tracker id", AsString(id))?;
        }
        self.warning.as_ref().map_or(Ok(()), |warning| dict.emit_pair(b"warning message", warning.as_str()))
    }

    /// Reads an answer in any of the forms, and in several at once. What cannot be an address is left out; so is
    /// what stands behind [`PEERS_MAX`].
    ///
    /// # Errors
    /// [`AnswerError`]: a refusal, or not an answer.
    pub fn decode(body: &[u8]) -> Result<Self, AnswerError> {
        let mut response = Self::default();
        let mut has_peers = false;
        for_each_pair(body, |key, value| {
            has_peers |= matches!(key, b"peers" | b"peers6");
            response.read(key, value)
        })?;
        if response.interval.is_none() && !has_peers {
            return Err(AnswerError::Missing("interval"));
        }
        Ok(response)
    }

    fn read<'a>(&mut self, key: &'a [u8], value: Object<'_, 'a>) -> Result<(), AnswerError> {
        match (key, value) {
            (b"peers", Object::Bytes(bytes)) => self.list(v4_addresses(bytes)),
            (b"peers6", Object::Bytes(bytes)) => self.list(v6_addresses(bytes)),
            (b"peers" | b"peers6", Object::List(list)) => self.read_list(list)?,
            (b"tracker id", Object::Bytes(id)) if id.len() <= TRACKER_ID_LEN_MAX => self.tracker_id = Some(id.to_vec()),
            (b"warning message", Object::Bytes(text)) => self.warning = Some(crate::sentence(text)),
            (b"interval", value) => self.interval = number(&value),
            (b"min interval", value) => self.min_interval = number(&value),
            (b"complete", value) => self.seeders = number(&value),
            (b"incomplete", value) => self.leechers = number(&value),
            _ => {}
        }
        Ok(())
    }

    fn list(&mut self, addresses: impl Iterator<Item = SocketAddr>) {
        let room = PEERS_MAX.saturating_sub(self.peers.len());
        self.peers.extend(addresses.take(room).map(|address| Listed { address, peer_id: None }));
    }

    fn read_list(&mut self, mut list: ListDecoder<'_, '_>) -> Result<(), AnswerError> {
        while let Some(item) = list.next_object()? {
            let Object::Dict(peer) = item else { continue };
            if let Some(peer) = read_peer(peer)?.filter(|_| self.peers.len() < PEERS_MAX) {
                self.peers.push(peer);
            }
        }
        Ok(())
    }
}

/// `None`: a name that would have to be looked up, or no port.
fn read_peer(mut dict: DictDecoder<'_, '_>) -> Result<Option<Listed>, AnswerError> {
    let (mut ip, mut port, mut peer_id) = (None, None, None);
    while let Some((key, value)) = dict.next_pair()? {
        match (key, value) {
            (b"ip", Object::Bytes(text)) => ip = std::str::from_utf8(text).ok().and_then(|ip| ip.parse().ok()),
            (b"peer id", Object::Bytes(id)) => peer_id = id.try_into().ok().map(PeerId),
            (b"port", Object::Integer(number)) => port = number.parse().ok().filter(|port| *port != 0),
            _ => {}
        }
    }
    let address = |(ip, port): (IpAddr, u16)| SocketAddr::from((ip, port));
    Ok(ip.zip(port).map(|pair| Listed { address: address(pair), peer_id }))
}

fn emit_compact(dict: &mut SortedDictEncoder<'_>, peers: &[Listed]) -> Result<(), Error> {
    let addresses: Vec<SocketAddr> = peers.iter().map(|peer| peer.address).collect();
    let (v4, v6) = compact(&addresses);
    dict.emit_pair(b"peers", AsString(v4))?;
    // Some clients that know no IPv6 do not know the key either.
    if v6.is_empty() { Ok(()) } else { dict.emit_pair(b"peers6", AsString(v6)) }
}

fn emit_dictionaries(dict: &mut SortedDictEncoder<'_>, peers: &[Listed], with_ids: bool) -> Result<(), Error> {
    dict.emit_pair_with(b"peers", |list| {
        list.emit_list(|list| {
            peers.iter().try_for_each(|peer| {
                list.emit_dict(|mut dict| {
                    dict.emit_pair(b"ip", peer.address.ip().to_canonical().to_string())?;
                    if let Some(id) = peer.peer_id.filter(|_| with_ids) {
                        dict.emit_pair(b"peer id", AsString(id))?;
                    }
                    dict.emit_pair(b"port", peer.address.port())
                })
            })
        })
    })
}
