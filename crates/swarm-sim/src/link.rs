//! A link between two nodes: what is under way on it.

use std::collections::VecDeque;

use bytes::Bytes;
use peer_engine::{LinkKey, Timestamp};

use crate::node::NodeKey;

/// A link of the simulation, in order of opening. Each side has its own [`LinkKey`] for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct LinkId(pub usize);

/// One side of a link.
#[derive(Debug)]
pub(crate) struct End {
    pub node: NodeKey,
    /// As this side calls the link.
    pub key: LinkKey,
    /// This side has not closed it and has not heard that the other did.
    pub is_open: bool,
    /// Its engine has something to send, or is being asked.
    pub has_output: bool,
    /// Sent by this side and not yet delivered, bytes: the link's send buffer.
    pub in_flight: usize,
    /// When the latest of what comes to this side arrives: a link keeps its order.
    pub last_arrival: Timestamp,
    /// What came and is not looked at before this side's next round.
    pub held: Option<VecDeque<Delivery>>,
    /// It was, once.
    pub was_held: bool,
    /// Samples in which this side was interested in the other.
    pub interested: u32,
    /// Samples while this side was a leecher and the link open.
    pub sampled: u32,
}

/// Two sides, the dialer's first.
#[derive(Debug)]
pub(crate) struct Link {
    pub ends: [End; 2],
    pub is_relayed: bool,
}

impl Link {
    pub fn new(dialer: (NodeKey, LinkKey), acceptor: (NodeKey, LinkKey), is_relayed: bool) -> Self {
        let end = |(node, key)| End {
            node,
            key,
            is_open: true,
            has_output: false,
            in_flight: 0,
            last_arrival: Timestamp(0),
            held: None,
            was_held: false,
            interested: 0,
            sampled: 0,
        };
        Self { ends: [end(dialer), end(acceptor)], is_relayed }
    }

    /// Which side this node is.
    pub fn side(&self, node: NodeKey) -> usize {
        usize::from(self.ends[1].node == node)
    }

    pub fn of(&mut self, node: NodeKey) -> &mut End {
        let side = self.side(node);
        &mut self.ends[side]
    }

    pub fn other(&self, node: NodeKey) -> NodeKey {
        self.ends[1 - self.side(node)].node
    }
}

/// Bytes on their way.
#[derive(Debug)]
pub(crate) struct Delivery {
    pub link: LinkId,
    pub to: NodeKey,
    pub segments: Vec<Bytes>,
    pub len: usize,
}
