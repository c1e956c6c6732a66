//! From an info-hash to its torrent: peers that have it are asked, several at a time (BEP 9).

mod exchange;

use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::Duration;

use local_peer::LinkFailure;
use metainfo::Info;
use peer_wire::{InfoHash, PeerId};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until, timeout};

use crate::discovery::Found;
use crate::links::{Strangers, connect_to_stranger};
use crate::swarm::Outside;
use exchange::{Exchange, ExchangeError};

/// Peers that are asked at a time.
const ASKED_MAX: usize = 20;
/// For one peer, from the connection to the whole dictionary. aria2 takes a second for its handshake alone, and a full
/// dictionary of 4 MiB takes a slow line a while.
const ASK_TIMEOUT: Duration = Duration::from_secs(60);
/// A peer that did not give it is asked again after this long: it may have got it meanwhile itself.
const AGAIN_AFTER: Duration = Duration::from_secs(20);
/// So often in all.
const TIMES_MAX: u32 = 5;
/// Addresses that are remembered.
const KNOWN_MAX: usize = 2_000;

/// How far the search is, for whoever waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Search {
    /// Peers that were found.
    pub found: usize,
    /// Peers that are being asked.
    pub asking: usize,
}

/// Asks everybody whom `outside` finds, until one gives the torrent: for ever, if nobody does. Then `outside` finds
/// them all again. `show` is told how far it is whenever that changes.
pub async fn find(
    info_hash: InfoHash,
    local: PeerId,
    outside: &mut Option<Outside>,
    mut show: impl FnMut(Search),
) -> Info {
    let mut candidates = Candidates::default();
    let outside_strangers = outside.as_ref().map(|outside| outside.strangers(info_hash));
    let strangers = outside_strangers.unwrap_or_else(|| Strangers::new(info_hash));
    let mut asking: JoinSet<(SocketAddr, Result<Info, AskError>)> = JoinSet::new();
    loop {
        while asking.len() < ASKED_MAX
            && let Some(address) = candidates.next(Instant::now())
        {
            let (exchange, strangers) = (move || Exchange::new(info_hash, local), strangers.clone());
            asking.spawn(async move { (address, ask(address, exchange, strangers).await) });
        }
        show(Search { found: candidates.times.len(), asking: asking.len() });
        let next_due = candidates.next_due().filter(|_| asking.len() < ASKED_MAX);
        tokio::select! {
            Found { addresses, .. } = Outside::next(outside) => candidates.add(addresses),
            Some(Ok((address, asked))) = asking.join_next() => match asked {
                Ok(info) => {
                    if let Some(outside) = outside {
                        outside.find_again(candidates.times.into_keys());
                    }
                    return info;
                }
                Err(error) => {
                    tracing::debug!(%address, %error, "a peer gives no metadata");
                    candidates.ask_again(address, Instant::now() + AGAIN_AFTER);
                }
            },
            () = sleep_until(next_due.unwrap_or_else(Instant::now)), if next_due.is_some() => {}
        }
    }
}

/// Whom to ask, and when.
#[derive(Debug, Default)]
struct Candidates {
    /// How often each was asked.
    times: BTreeMap<SocketAddr, u32>,
    /// In the order in which they are due.
    queue: VecDeque<(Instant, SocketAddr)>,
}

impl Candidates {
    fn add(&mut self, addresses: Vec<SocketAddr>) {
        for address in addresses {
            if self.times.len() < KNOWN_MAX && !self.times.contains_key(&address) {
                self.times.insert(address, 0);
                // Before those who were asked already.
                self.queue.push_front((Instant::now(), address));
            }
        }
    }

    fn next(&mut self, now: Instant) -> Option<SocketAddr> {
        let (_, address) = self.queue.pop_front_if(|(due, _)| *due <= now)?;
        *self.times.entry(address).or_default() += 1;
        Some(address)
    }

    fn ask_again(&mut self, address: SocketAddr, due: Instant) {
        if self.times.get(&address).is_some_and(|times| *times < TIMES_MAX) {
            self.queue.push_back((due, address));
        }
    }

    fn next_due(&self) -> Option<Instant> {
        self.queue.front().map(|(due, _)| *due)
    }
}

#[derive(Debug, thiserror::Error)]
enum AskError {
    #[error("{0}")]
    Link(LinkFailure),
    #[error(transparent)]
    Exchange(#[from] ExchangeError),
    #[error("it closed the connection")]
    Closed,
    #[error(transparent)]
    Io(#[from] std::io::Error),
    #[error("it takes too long")]
    TooSlow(#[from] tokio::time::error::Elapsed),
}

async fn ask(address: SocketAddr, exchange: impl Fn() -> Exchange, strangers: Strangers) -> Result<Info, AskError> {
    let twice = async {
        match converse(address, exchange(), strangers.clone()).await {
            Err(_) if strangers.want_encryption(address) => converse(address, exchange(), strangers).await,
            asked => asked,
        }
    };
    timeout(ASK_TIMEOUT, twice).await?
}

async fn converse(address: SocketAddr, mut exchange: Exchange, strangers: Strangers) -> Result<Info, AskError> {
    let mut ends = connect_to_stranger(address, strangers).await.map_err(AskError::Link)?;
    loop {
        let mut out = VecDeque::from([exchange.take_out()]);
        out.retain(|bytes| !bytes.is_empty());
        while !out.is_empty() {
            ends.sender.write(&mut out).await?;
        }
        ends.sender.flush().await?;
        let bytes = ends.receiver.next().await.ok_or(AskError::Closed)?;
        if let Some(info) = exchange.receive(bytes)? {
            return Ok(info);
        }
    }
}
