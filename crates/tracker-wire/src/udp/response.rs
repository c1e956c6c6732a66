//! What a tracker sends.

use std::net::SocketAddr;

use peer_wire::{compact, v4_addresses, v6_addresses};

use super::packet::{PacketError, take_u32, take_u64};
use super::{ANNOUNCE, CONNECT, ERROR, SCRAPE};
use crate::{Counts, PEERS_MAX, SCRAPE_MAX};

/// A packet from a tracker. `transaction` is that of the request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Response {
    /// A connection id.
    Connect {
        /// See [`Response`].
        transaction: u32,
        /// For the next requests, for a minute.
        connection: u64,
    },
    /// Peers.
    Announce {
        /// See [`Response`].
        transaction: u32,
        /// Seconds until the next regular announce.
        interval: u32,
        /// How many lack pieces.
        leechers: u32,
        /// How many have all.
        seeders: u32,
        /// Of one address family; at most [`PEERS_MAX`] are read, and none with port 0.
        peers: Vec<SocketAddr>,
    },
    /// The swarms that were asked about, in that order.
    Scrape {
        /// See [`Response`].
        transaction: u32,
        /// At most [`SCRAPE_MAX`] are read.
        counts: Vec<Counts>,
    },
    /// A refusal.
    Error {
        /// See [`Response`].
        transaction: u32,
        /// For people. Read from a tracker it is safe to show.
        reason: String,
    },
}

impl Response {
    /// The packet. Peers of the other address family are left out.
    pub fn encode(&self, is_v6: bool) -> Vec<u8> {
        match self {
            Self::Connect { transaction, connection } => {
                let mut packet = head(CONNECT, *transaction);
                packet.extend_from_slice(&connection.to_be_bytes());
                packet
            }
            Self::Announce { transaction, interval, leechers, seeders, peers } => {
                let mut packet = head(ANNOUNCE, *transaction);
                packet.extend([interval, leechers, seeders].iter().flat_map(|number| number.to_be_bytes()));
                let (v4, v6) = compact(peers);
                packet.extend(if is_v6 { v6 } else { v4 });
                packet
            }
            Self::Scrape { transaction, counts } => {
                let mut packet = head(SCRAPE, *transaction);
                let numbers = counts.iter().flat_map(|counts| [counts.seeders, counts.downloaded, counts.leechers]);
                packet.extend(numbers.flat_map(u32::to_be_bytes));
                packet
            }
            Self::Error { transaction, reason } => {
                let mut packet = head(ERROR, *transaction);
                packet.extend_from_slice(reason.as_bytes());
                packet
            }
        }
    }

    /// Reads a packet that came over IPv4 or IPv6, which says how long its addresses are.
    ///
    /// # Errors
    /// [`PacketError`]: the sender's fault, or somebody else's packet.
    pub fn decode(mut packet: &[u8], is_v6: bool) -> Result<Self, PacketError> {
        let packet = &mut packet;
        let (action, transaction) = (take_u32(packet)?, take_u32(packet)?);
        match action {
            CONNECT => Ok(Self::Connect { transaction, connection: take_u64(packet)? }),
            ANNOUNCE => {
                let (interval, leechers, seeders) = (take_u32(packet)?, take_u32(packet)?, take_u32(packet)?);
                let peers = if is_v6 {
                    v6_addresses(packet).take(PEERS_MAX).collect()
                } else {
                    v4_addresses(packet).take(PEERS_MAX).collect()
                };
                Ok(Self::Announce { transaction, interval, leechers, seeders, peers })
            }
            SCRAPE => {
                let (swarms, _) = packet.as_chunks::<12>();
                let counts =
                    swarms.iter().take(SCRAPE_MAX).map(|swarm| read_counts(swarm)).collect::<Result<_, _>>()?;
                Ok(Self::Scrape { transaction, counts })
            }
            ERROR => Ok(Self::Error { transaction, reason: crate::sentence(packet) }),
            _ => Err(PacketError::Unknown),
        }
    }

    /// The request's that it answers.
    pub fn transaction(&self) -> u32 {
        match self {
            Self::Connect { transaction, .. }
            | Self::Announce { transaction, .. }
            | Self::Scrape { transaction, .. }
            | Self::Error { transaction, .. } => *transaction,
        }
    }
}

fn head(action: u32, transaction: u32) -> Vec<u8> {
    [action.to_be_bytes(), transaction.to_be_bytes()].concat()
}

fn read_counts(mut swarm: &[u8]) -> Result<Counts, PacketError> {
    let swarm = &mut swarm;
    Ok(Counts { seeders: take_u32(swarm)?, downloaded: take_u32(swarm)?, leechers: take_u32(swarm)? })
}
