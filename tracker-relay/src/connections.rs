//! How many connections are open, in all and by address, and how many there may be.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

use tokio_util::task::TaskTracker;

use crate::limits::CONNECTIONS_PER_ADDRESS;
use crate::tracker::invite_failures::network;

/// All open connections, and how many there may be.
#[derive(Debug, Default)]
pub struct Connections {
    max: usize,
    open: Mutex<Open>,
    /// HTTP connections live here.
    pub tasks: TaskTracker,
}

#[derive(Debug, Default)]
struct Open {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// One connection's place; free again when dropped.
#[derive(Debug)]
pub struct Place {
    connections: Arc<Connections>,
    address: IpAddr,
}

impl Connections {
    /// At most `max` of them.
    pub fn new(max: usize) -> Self {
        Self { max, ..Self::default() }
    }

    /// A place for a connection from this address; `None` if all are taken, or all of this address.
    pub fn enter(self: &Arc<Self>, from: IpAddr) -> Option<Place> {
        let address = network(from);
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let theirs = open.by_address.get(&address).copied().unwrap_or(0);
        if open.all >= self.max || (theirs >= CONNECTIONS_PER_ADDRESS && !from.is_loopback()) {
            return None;
        }
        open.all += 1;
        open.by_address.insert(address, theirs + 1);
        Some(Place { connections: self.clone(), address })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.connections.open.lock().unwrap_or_else(PoisonError::into_inner);
        open.all -= 1;
        if let Some(theirs) = open.by_address.get_mut(&self.address) {
            *theirs -= 1;
            if *theirs == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}
