//! How ordinary clients are dialed: most are spoken to in the clear, and some listen only to Message Stream Encryption.

use std::collections::{BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};

use mse::Methods;
use wire_protocol::ids::InfoHash;

/// Addresses that are remembered.
const REMEMBERED_MAX: usize = 512;

/// Strangers of one torrent, and what is known of them in this run.
#[derive(Debug, Clone)]
pub struct Strangers {
    info_hash: InfoHash,
    /// They closed what began in the clear, or answered what did not; the latest last.
    hidden: Arc<Mutex<VecDeque<SocketAddr>>>,
    /// Whom the person named. All others are named by strangers.
    typed: Arc<BTreeSet<SocketAddr>>,
}

impl Strangers {
    /// Nobody is known yet.
    pub fn new(info_hash: InfoHash) -> Self {
        Self::with_typed(info_hash, Arc::default())
    }

    /// The same, but for these, whom the person named.
    pub fn with_typed(info_hash: InfoHash, typed: Arc<BTreeSet<SocketAddr>>) -> Self {
        Self { info_hash, hidden: Arc::default(), typed }
    }

    /// The person named whoever is there.
    pub fn were_typed(&self, address: SocketAddr) -> bool {
        self.typed.contains(&address)
    }

    /// What they know, if they are of use.
    pub fn info_hash(&self) -> InfoHash {
        self.info_hash
    }

    /// What is offered to whoever wants encryption.
    pub fn methods(&self) -> Methods {
        Methods::ALL
    }

    /// Whether whoever is there is to be dialed with encryption.
    pub fn want_encryption(&self, address: SocketAddr) -> bool {
        self.lock().contains(&address)
    }

    /// Forgets how: unless this works, the next dial is in the clear again.
    pub fn forget(&self, address: SocketAddr) {
        self.lock().retain(|hidden| *hidden != address);
    }

    /// The next dial is with encryption.
    pub fn remember(&self, address: SocketAddr) {
        let mut hidden = self.lock();
        hidden.retain(|other| *other != address);
        if hidden.len() >= REMEMBERED_MAX {
            hidden.pop_front();
        }
        hidden.push_back(address);
    }

    fn lock(&self) -> MutexGuard<'_, VecDeque<SocketAddr>> {
        self.hidden.lock().expect("nothing panics while it holds this")
    }
}

/// A connection that began in the clear, and on which the other side has said nothing.
#[derive(Debug)]
pub struct Unheard {
    pub strangers: Strangers,
    pub address: SocketAddr,
}

impl Unheard {
    /// The other side closed it: perhaps because it wants encryption.
    pub fn closed(self) {
        self.strangers.remember(self.address);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_are_remembered_until_encryption_fails_too() {
        let strangers = Strangers::new(InfoHash([1; 20]));
        let address = |port| SocketAddr::from(([127, 0, 0, 1], port));
        for port in 0..600 {
            Unheard { strangers: strangers.clone(), address: address(port) }.closed();
        }
        assert!(!strangers.want_encryption(address(87)) && strangers.want_encryption(address(88)));
        strangers.remember(address(88));
        strangers.remember(address(700));
        assert!(!strangers.want_encryption(address(89)) && strangers.want_encryption(address(88)));
        strangers.forget(address(88));
        assert!(!strangers.want_encryption(address(88)));
    }
}
