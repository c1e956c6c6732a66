//! Of several holders the one that is soonest is asked.

use peer_engine::{Config, Engine, Input, LinkKey, PieceSet, Timestamp};
use peer_wire::PeerId;
use peer_wire::{Block, Message};

use crate::support::{Others, PIECES, torrent};

const FAST: u64 = 1;
const SLOW: u64 = 2;

/// The fast peer answers at once, the slow one sends half a block a second.
struct Download {
    engine: Engine,
    others: Others,
    asked: Vec<(LinkKey, Block)>,
}

impl Download {
    fn new() -> Self {
        Self::with(Config::new("test"))
    }

    fn with(config: Config) -> Self {
        let engine = Engine::new(config, torrent(), PieceSet::none(PIECES), PeerId([1; 20]), 7, Timestamp(0));
        Self { engine, others: Others::default(), asked: Vec::new() }
    }

    fn join(&mut self, link: u64, pieces: Message, now: Timestamp) {
        self.others.join(&mut self.engine, link, pieces, now);
        self.listen(now);
    }

    fn listen(&mut self, now: Timestamp) {
        self.others.work(&mut self.engine, now);
        for (link, message) in self.others.heard(&mut self.engine, now) {
            if let Message::Request(block) = message {
                self.asked.push((link, block));
            }
        }
    }

    fn answer(&mut self, link: u64, now: Timestamp) -> bool {
        let Some(at) = self.asked.iter().position(|(asked, _)| *asked == LinkKey(link)) else { return false };
        let (link, block) = self.asked.remove(at);
        let data = vec![0; block.len as usize].into();
        let message = Message::Piece { piece: block.piece, begin: block.begin, data };
        self.others.say(&mut self.engine, link, &message, now);
        self.listen(now);
        true
    }

    /// Asked of it and not answered.
    fn waiting_at(&self, link: u64) -> usize {
        self.asked.iter().filter(|(asked, _)| *asked == LinkKey(link)).count()
    }

    /// `true`: complete.
    fn run(&mut self, seconds: std::ops::RangeInclusive<u64>) -> bool {
        for second in seconds {
            let now = Timestamp(second * 1_000_000);
            while self.answer(FAST, now) {}
            if second % 2 == 0 {
                self.answer(SLOW, now);
            }
            self.engine.handle(Input::Tick, now);
            self.listen(now);
        }
        self.engine.is_complete()
    }
}

#[test]
fn the_last_blocks_are_left_to_whoever_is_sooner() {
    let mut download = Download::new();
    download.join(SLOW, Message::HaveAll, Timestamp(0));
    download.join(FAST, Message::HaveAll, Timestamp(0));
    download.run(1..=1);
    let of_slow = download.waiting_at(SLOW);
    assert!(of_slow <= 4, "no more than at first: {of_slow}");
    assert!(download.run(2..=3), "the fast one sends what the slow one holds up");
}

/// Left to the others, it would not be asked for until the rate of the others is forgotten.
#[test]
fn a_piece_that_only_the_slow_holder_has_is_asked_of_it() {
    let mut download = Download::new();
    // Everything but piece 5.
    download.join(FAST, Message::Bitfield(vec![0b1111_1000].into()), Timestamp(0));
    download.run(1..=1);
    download.join(SLOW, Message::HaveAll, Timestamp(1_000_000));
    assert!(download.run(2..=7));
}

/// It was asked for one at a time, a round trip for each.
#[test]
fn a_fast_holder_takes_over_all_that_a_slow_one_has_queued() {
    let mut config = Config::new("test");
    config.request_pipeline = Some(40);
    let mut download = Download::with(config);
    download.join(SLOW, Message::HaveAll, Timestamp(0));
    let all = download.waiting_at(SLOW);
    assert!(all > 10, "the slow one is asked for everything: {all}");
    for second in 1..=2 {
        let now = Timestamp(second * 1_000_000);
        download.answer(SLOW, now);
        download.engine.handle(Input::Tick, now);
    }
    download.join(FAST, Message::HaveAll, Timestamp(2_000_000));
    assert_eq!(download.waiting_at(FAST), 1, "how fast it is is not known");
    for nth in 1..=4 {
        let now = Timestamp(2_000_000 + nth * 300_000);
        download.answer(FAST, now);
        download.engine.handle(Input::Tick, now);
        download.listen(now);
    }
    let taken_over = download.waiting_at(FAST);
    assert!(taken_over > 5, "{taken_over} of what waits at the slow one");
}
