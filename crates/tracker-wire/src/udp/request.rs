//! What a peer sends.

use peer_wire::{InfoHash, PeerId};

use super::packet::{PacketError, take, take_u16, take_u32, take_u64};
use super::{ANNOUNCE, CONNECT, MAGIC, SCRAPE, options};
use crate::{Announce, Event, SCRAPE_MAX, Transferred};

/// A packet to a tracker. `transaction` is the peer's random number, which the answer repeats; `connection` is the
/// tracker's, from its answer to [`Self::Connect`], and good for a minute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Asks for a connection id: it shows that the address is not forged.
    Connect {
        /// See [`Request`].
        transaction: u32,
    },
    /// Announces, and asks for peers of the address family that the packet travels over.
    Announce {
        /// See [`Request`].
        connection: u64,
        /// See [`Request`].
        transaction: u32,
        /// What is announced. `numwant` above 2³¹ counts as `None`; without a `key` it is 0.
        announce: Announce,
        /// [`url_data`](super::url_data) of the tracker's URL. Of a longer one 1,024 bytes are read at most.
        url_data: Vec<u8>,
    },
    /// Asks how large swarms are.
    Scrape {
        /// See [`Request`].
        connection: u64,
        /// See [`Request`].
        transaction: u32,
        /// At most [`SCRAPE_MAX`] are written and read.
        info_hashes: Vec<InfoHash>,
    },
}

impl Request {
    /// The packet.
    pub fn encode(&self) -> Vec<u8> {
        match self {
            Self::Connect { transaction } => head(MAGIC, CONNECT, *transaction),
            Self::Announce { connection, transaction, announce, url_data } => {
                let mut packet = head(*connection, ANNOUNCE, *transaction);
                encode_announce(announce, &mut packet);
                options::encode(url_data, &mut packet);
                packet
            }
            Self::Scrape { connection, transaction, info_hashes } => {
                let mut packet = head(*connection, SCRAPE, *transaction);
                info_hashes.iter().take(SCRAPE_MAX).for_each(|hash| packet.extend_from_slice(&hash.0));
                packet
            }
        }
    }

    /// Reads a packet. The address in an announce is ignored: a peer is where its packets come from.
    ///
    /// # Errors
    /// [`PacketError`]: the sender's fault. No answer is owed: the address may be forged.
    pub fn decode(mut packet: &[u8]) -> Result<Self, PacketError> {
        let packet = &mut packet;
        let (connection, action, transaction) = (take_u64(packet)?, take_u32(packet)?, take_u32(packet)?);
        match action {
            CONNECT if connection == MAGIC => Ok(Self::Connect { transaction }),
            ANNOUNCE => {
                let announce = decode_announce(packet)?;
                Ok(Self::Announce { connection, transaction, announce, url_data: options::decode(packet)? })
            }
            SCRAPE => {
                let (hashes, _) = packet.as_chunks();
                let info_hashes = hashes.iter().take(SCRAPE_MAX).copied().map(InfoHash).collect();
                Ok(Self::Scrape { connection, transaction, info_hashes })
            }
            _ => Err(PacketError::Unknown),
        }
    }
}

fn head(connection: u64, action: u32, transaction: u32) -> Vec<u8> {
    let mut packet = connection.to_be_bytes().to_vec();
    packet.extend_from_slice(&action.to_be_bytes());
    packet.extend_from_slice(&transaction.to_be_bytes());
    packet
}

fn encode_announce(announce: &Announce, packet: &mut Vec<u8>) {
    let Announce { info_hash, peer_id, port, transferred, event, numwant, key } = announce;
    packet.extend_from_slice(&info_hash.0);
    packet.extend_from_slice(&peer_id.0);
    packet.extend_from_slice(&transferred.downloaded.to_be_bytes());
    packet.extend_from_slice(&transferred.left.to_be_bytes());
    packet.extend_from_slice(&transferred.uploaded.to_be_bytes());
    packet.extend_from_slice(&number_of(*event).to_be_bytes());
    // No address: where the packet comes from.
    packet.extend_from_slice(&[0; 4]);
    packet.extend_from_slice(&key.unwrap_or_default().to_be_bytes());
    let numwant = numwant.and_then(|numwant| i32::try_from(numwant).ok()).unwrap_or(-1);
    packet.extend_from_slice(&numwant.to_be_bytes());
    packet.extend_from_slice(&port.to_be_bytes());
}

fn decode_announce(packet: &mut &[u8]) -> Result<Announce, PacketError> {
    let (info_hash, peer_id) = (InfoHash(take(packet)?), PeerId(take(packet)?));
    let (downloaded, left, uploaded) = (take_u64(packet)?, take_u64(packet)?, take_u64(packet)?);
    let event = event_of(take_u32(packet)?)?;
    let _address: [u8; 4] = take(packet)?;
    let key = Some(take_u32(packet)?);
    let numwant = u32::try_from(i32::from_be_bytes(take(packet)?)).ok();
    let transferred = Transferred { uploaded, downloaded, left };
    Ok(Announce { info_hash, peer_id, port: take_u16(packet)?, transferred, event, numwant, key })
}

fn number_of(event: Option<Event>) -> u32 {
    match event {
        None => 0,
        Some(Event::Completed) => 1,
        Some(Event::Started) => 2,
        Some(Event::Stopped) => 3,
    }
}

fn event_of(number: u32) -> Result<Option<Event>, PacketError> {
    match number {
        0 => Ok(None),
        1 => Ok(Some(Event::Completed)),
        2 => Ok(Some(Event::Started)),
        3 => Ok(Some(Event::Stopped)),
        _ => Err(PacketError::Event),
    }
}
