//! Limits that depend on the machine, or on what whoever runs the server says.

use crate::connections::max_per_address;
use crate::limits::{
    CONNECTION_BYTES, CONNECTIONS_SHARE_OF_MEMORY, LINK_BUFFER_FIRST, LINK_SHARE_OF_MEMORY, LINKS_PER_ADDRESS,
    LINKS_PER_MEMBER, Limit,
};
use crate::shares::{Portion, Portions};
use crate::{memory, open_files};

/// Limits that depend on the machine, or on what whoever runs the server says.
#[derive(Debug, Clone, Copy)]
pub struct Capacity {
    /// Connections open at the same time.
    pub connections: usize,
    /// What the relay's buffers may take, bytes.
    pub link_bytes: usize,
}

impl Capacity {
    /// What is said, or by memory; connections in any case by what the operating system lets be open.
    pub fn new(connections: Option<usize>, link_bytes: Option<usize>) -> Self {
        let memory = usize::try_from(memory::total()).unwrap_or(usize::MAX);
        let by_memory = memory / CONNECTIONS_SHARE_OF_MEMORY / CONNECTION_BYTES;
        Self {
            connections: connections.unwrap_or(by_memory).min(open_files::connections_max()),
            link_bytes: link_bytes.unwrap_or(memory / LINK_SHARE_OF_MEMORY),
        }
    }

    /// Connections that one address may have.
    pub fn connections_of_address(&self) -> usize {
        max_per_address(self.connections)
    }

    /// Half of what the relay may take is for every link's first buffers: so many fit.
    pub fn links(&self) -> usize {
        self.link_bytes / 2 / (2 * LINK_BUFFER_FIRST)
    }

    /// The other half is for the larger ones of links that carry much, bytes.
    pub fn large_buffers(&self) -> usize {
        self.link_bytes / 2
    }

    /// Of both sides of links: each link is counted twice.
    pub fn link_sides(&self) -> Portions {
        Portions {
            all: Portion { max: self.links() * 2, limit: Limit::Links },
            member: Portion { max: LINKS_PER_MEMBER, limit: Limit::LinksOfMember },
            address: Portion { max: LINKS_PER_ADDRESS, limit: Limit::LinksOfAddress },
        }
    }
}
