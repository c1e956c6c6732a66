//! Which swarms the program wants to hear of, besides those that it is in.

use std::collections::BTreeSet;

use wire_protocol::control::SwarmName;
use wire_protocol::ids::GroupId;

/// Swarms that are watched at once.
const WATCHED_MAX: usize = 1024;

/// The swarms that are watched, whether the tracker was told or not.
#[derive(Debug, Default)]
pub(crate) struct Watches(BTreeSet<SwarmName>);

impl Watches {
    /// Whether it is news.
    pub(crate) fn add(&mut self, swarm: SwarmName) -> bool {
        self.0.len() < WATCHED_MAX && self.0.insert(swarm)
    }

    /// Whether it was watched.
    pub(crate) fn remove(&mut self, swarm: SwarmName) -> bool {
        self.0.remove(&swarm)
    }

    pub(crate) fn remove_group(&mut self, group: GroupId) {
        self.0.retain(|swarm| swarm.group != group);
    }

    pub(crate) fn contains(&self, swarm: SwarmName) -> bool {
        self.0.contains(&swarm)
    }

    pub(crate) fn all(&self) -> impl Iterator<Item = SwarmName> {
        self.0.iter().copied()
    }
}
