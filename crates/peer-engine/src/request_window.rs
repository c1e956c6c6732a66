//! How many blocks to ask of one peer at a time, which are asked for, and when to lose patience.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use peer_wire::{BLOCK_LEN_MAX, Block};

use crate::config::Config;
use crate::rate::Rate;
use crate::time::Timestamp;

/// First window, blocks (libtorrent).
const WINDOW_INITIAL: u32 = 4;
const WINDOW_MIN: u32 = 2;
/// Slow start ends when a second brought at most this much more than the one before, bytes (libtorrent).
const SLOW_START_GROWTH_MIN: u64 = 5_000;
/// Assumed `reqq` of a peer that says none.
pub const REQUEST_QUEUE_UNKNOWN: u32 = 250;
/// Silence that makes a peer snubbed: four mean gaps between blocks, within these bounds.
const PATIENCE_MIN: Duration = Duration::from_secs(4);
const PATIENCE_MAX: Duration = Duration::from_secs(20);

/// One peer's outstanding requests.
#[derive(Debug)]
pub struct RequestWindow {
    in_flight: BTreeMap<Start, u32>,
    in_flight_bytes: u64,
    /// Given up or cancelled, but an answer is still due: the block, which is swallowed instead of being called
    /// unasked for, or its reject. What is asked for again meanwhile has two answers due.
    written_off: BTreeSet<Start>,
    size: u32,
    /// The person fixed the number of outstanding requests.
    fixed: Option<u32>,
    peer_queue_max: u32,
    slow_start: bool,
    second_before: u64,
    /// When the last block came, or the first request went out on an empty pipe.
    waiting_since: Timestamp,
    gap_mean_us: u64,
    snubbed: bool,
}

/// Where a block begins: a peer may send it in another length than it was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Start {
    piece: u32,
    /// Offset in the piece, bytes.
    begin: u32,
}

impl Start {
    fn of(block: &Block) -> Self {
        Self { piece: block.piece, begin: block.begin }
    }
}

/// What an arriving block is to us.
#[derive(Debug, PartialEq, Eq)]
pub enum Arrival {
    /// Asked for.
    Wanted,
    /// Was asked for, then cancelled or given up.
    Late,
    /// Never asked for.
    Unrequested,
}

impl RequestWindow {
    /// For a new link.
    pub fn new(config: &Config, now: Timestamp) -> Self {
        Self {
            in_flight: BTreeMap::new(),
            in_flight_bytes: 0,
            written_off: BTreeSet::new(),
            size: WINDOW_INITIAL,
            fixed: config.request_pipeline.map(|blocks| blocks.max(1)),
            peer_queue_max: REQUEST_QUEUE_UNKNOWN,
            slow_start: true,
            second_before: 0,
            waiting_since: now,
            gap_mean_us: 0,
            snubbed: false,
        }
    }

    /// The peer said how many requests it keeps (BEP 10 `reqq`). Transmission says 512 and rejects the 512th.
    pub fn set_peer_queue_max(&mut self, max: u32) {
        self.peer_queue_max = max.saturating_sub(1).max(1);
    }

    /// How many more blocks may be asked for now.
    pub fn room(&self) -> u32 {
        let size = if self.snubbed { 1 } else { self.fixed.unwrap_or(self.size).min(self.peer_queue_max) };
        size.saturating_sub(self.in_flight.len() as u32)
    }

    /// Blocks asked for and not here.
    pub fn len(&self) -> u32 {
        self.in_flight.len() as u32
    }

    /// This block is asked for.
    pub fn is_asked(&self, block: &Block) -> bool {
        self.in_flight.get(&Start::of(block)) == Some(&block.len)
    }

    /// Nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.in_flight.is_empty()
    }

    /// Bytes asked for and not here.
    pub fn bytes(&self) -> u64 {
        self.in_flight_bytes
    }

    /// The peer let us wait too long and has not sent a block since.
    pub fn is_snubbed(&self) -> bool {
        self.snubbed
    }

    /// A request goes out. Returns what is in flight more than before, bytes: nothing, if this block was asked
    /// for already.
    pub fn on_requested(&mut self, block: Block, now: Timestamp) -> u64 {
        if self.in_flight.is_empty() {
            self.waiting_since = now;
        }
        let before = self.in_flight.insert(Start::of(&block), block.len);
        let more = u64::from(block.len - before.unwrap_or(0));
        self.in_flight_bytes += more;
        more
    }

    /// A block came in.
    pub fn on_block(&mut self, piece: u32, begin: u32, len: u32, now: Timestamp, config: &Config) -> Arrival {
        let start = Start { piece, begin };
        match self.in_flight.get(&start) {
            Some(asked) if *asked == len => {}
            Some(_) => return Arrival::Unrequested,
            None if self.written_off.remove(&start) => {
                self.on_progress(now);
                return Arrival::Late;
            }
            None => return Arrival::Unrequested,
        }
        self.take(start);
        self.on_progress(now);
        if self.slow_start {
            self.size = (self.size + 1).min(config.request_window_max);
        }
        Arrival::Wanted
    }

    /// The peer will not send this one. `true` if exactly this was asked for, and not before and cancelled: then
    /// the reject answers the older request.
    pub fn on_reject(&mut self, block: &Block) -> bool {
        let is_of_an_older_request = self.written_off.remove(&Start::of(block));
        !is_of_an_older_request && self.is_asked(block) && self.take(Start::of(block))
    }

    /// We no longer want this one: `true` if a cancel must be sent.
    pub fn cancel(&mut self, block: &Block) -> bool {
        let was_asked = self.take(Start::of(block));
        if was_asked {
            self.write_off(Start::of(block));
        }
        was_asked
    }

    /// Gives up everything that is asked for and tells what it was; late blocks are still welcome.
    pub fn give_up_all(&mut self) -> Vec<Block> {
        let in_flight = std::mem::take(&mut self.in_flight);
        self.in_flight_bytes = 0;
        in_flight
            .into_iter()
            .map(|(Start { piece, begin }, len)| {
                self.write_off(Start { piece, begin });
                Block { piece, begin, len }
            })
            .collect()
    }

    /// Once a second: adapts the window. `true` when patience has just ended and the requests
    /// should be given to others.
    pub fn on_second(&mut self, rate: &Rate, now: Timestamp, config: &Config) -> bool {
        self.adapt(rate, now, config);
        let lost_patience = !self.in_flight.is_empty() && now.since(self.waiting_since) > self.patience();
        if lost_patience {
            self.snubbed = true;
            self.slow_start = false;
            self.waiting_since = now;
        }
        lost_patience
    }

    fn adapt(&mut self, rate: &Rate, now: Timestamp, config: &Config) {
        if self.is_empty() && rate.last_second() == 0 {
            return;
        }
        if self.slow_start && rate.last_second() > self.second_before + SLOW_START_GROWTH_MIN {
            self.second_before = rate.last_second();
            return;
        }
        self.second_before = rate.last_second();
        self.slow_start = false;
        let blocks =
            rate.per_second(now) * config.request_queue_time.as_millis() as u64 / 1_000 / u64::from(BLOCK_LEN_MAX);
        self.size = (blocks.min(u64::from(u32::MAX)) as u32).clamp(WINDOW_MIN, config.request_window_max);
    }

    fn patience(&self) -> Duration {
        if self.gap_mean_us == 0 {
            return PATIENCE_MAX;
        }
        Duration::from_micros(self.gap_mean_us * 4).clamp(PATIENCE_MIN, PATIENCE_MAX)
    }

    fn on_progress(&mut self, now: Timestamp) {
        let gap_us = now.since(self.waiting_since).as_micros() as u64;
        self.gap_mean_us = if self.gap_mean_us == 0 { gap_us.max(1) } else { (self.gap_mean_us * 15 + gap_us) / 16 };
        self.waiting_since = now;
        self.snubbed = false;
    }

    fn take(&mut self, start: Start) -> bool {
        let len = self.in_flight.remove(&start);
        self.in_flight_bytes -= u64::from(len.unwrap_or(0));
        len.is_some()
    }

    /// Bounded: beyond twice the peer's queue the oldest pieces are forgotten.
    fn write_off(&mut self, start: Start) {
        self.written_off.insert(start);
        if self.written_off.len() as u32 > 2 * self.peer_queue_max.max(REQUEST_QUEUE_UNKNOWN) {
            self.written_off.pop_first();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A piece that was fetched anew from the same peer used to be counted twice, until nothing could be asked.
    #[test]
    fn a_block_that_is_asked_for_again_counts_once() {
        let mut window = RequestWindow::new(&Config::new("test"), Timestamp(0));
        let block = Block { piece: 3, begin: 0, len: 16_384 };
        assert_eq!(window.on_requested(block, Timestamp(0)), 16_384);
        assert_eq!(window.on_requested(block, Timestamp(1)), 0);
        assert_eq!(window.bytes(), 16_384);
    }

    /// Two were asked for the last block, the first sent a bad one, and the second was asked again before its reject
    /// of the cancelled request came. It was taken for lacking the piece, and nobody was left to ask.
    #[test]
    fn a_reject_of_a_cancelled_request_does_not_answer_the_one_that_followed() {
        let mut window = RequestWindow::new(&Config::new("test"), Timestamp(0));
        let block = Block { piece: 3, begin: 0, len: 16_384 };
        window.on_requested(block, Timestamp(0));
        assert!(window.cancel(&block));
        window.on_requested(block, Timestamp(1));
        assert!(!window.on_reject(&block));
        assert!(window.is_asked(&block));
        assert!(window.on_reject(&block), "the second is of the second");
    }

    /// Transmission rejected the last one, and was believed to lack its piece.
    #[test]
    fn a_peer_is_asked_for_one_less_than_it_keeps_waiting() {
        let mut config = Config::new("test");
        config.request_pipeline = Some(2_000);
        let mut window = RequestWindow::new(&config, Timestamp(0));
        for (said, room) in [(512, 511), (1, 1), (0, 1)] {
            window.set_peer_queue_max(said);
            assert_eq!(window.room(), room);
        }
    }

    #[test]
    fn a_block_that_is_asked_for_again_may_come_twice() {
        let (config, now) = (Config::new("test"), Timestamp(0));
        let mut window = RequestWindow::new(&config, now);
        let block = Block { piece: 3, begin: 0, len: 16_384 };
        window.on_requested(block, now);
        assert!(window.cancel(&block));
        window.on_requested(block, now);
        let arrivals = [(); 3].map(|()| window.on_block(3, 0, 16_384, now, &config));
        assert_eq!(arrivals, [Arrival::Wanted, Arrival::Late, Arrival::Unrequested]);
    }
}
