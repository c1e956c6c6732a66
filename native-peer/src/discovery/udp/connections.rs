//! Connection ids, which are good for a minute (BEP 15).

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

const LIFETIME: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(super) struct Connections(Mutex<BTreeMap<SocketAddr, (u64, Instant)>>);

impl Connections {
    pub(super) fn get(&self, tracker: SocketAddr) -> Option<u64> {
        let (connection, since) = *self.lock().get(&tracker)?;
        (since.elapsed() < LIFETIME).then_some(connection)
    }

    /// Those that are too old go, so no more are kept than trackers answer in a minute.
    pub(super) fn keep(&self, tracker: SocketAddr, connection: u64) {
        let mut connections = self.lock();
        connections.retain(|_, (_, since)| since.elapsed() < LIFETIME);
        connections.insert(tracker, (connection, Instant::now()));
    }

    pub(super) fn forget(&self, tracker: SocketAddr) {
        self.lock().remove(&tracker);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SocketAddr, (u64, Instant)>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
