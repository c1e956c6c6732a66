//! What can happen, as read from the fuzzer's bytes. All fields are small numbers that `World` folds into
//! what makes sense, so that nearly every input is a history.

use arbitrary::Arbitrary;

/// The engine before the first operation.
#[derive(Debug, Arbitrary)]
pub struct Setup {
    /// One bit per piece that is there already.
    pub have: u8,
    pub rng_seed: u8,
    /// Byte budgets of two blocks, so that they are reached.
    pub is_tight: bool,
    pub pipeline: u8,
    pub policy: u8,
    pub seed_choking: u8,
    pub upload_slots: u8,
    pub links_max: u8,
    pub keeps_complete_peers: bool,
    /// At the end the other links stay open and silent instead of being closed.
    pub leaves_links_open: bool,
    /// It fetches for others.
    pub is_fetch_only: bool,
}

/// One step. `slot` counts through the links that are open.
#[derive(Debug, Arbitrary)]
pub enum Operation {
    /// A link with handshake, pieces and unchoke, as far as the flags say.
    Open {
        identity: u8,
        flags: u8,
        pieces: u8,
    },
    /// So many links without flags at once.
    OpenMany {
        count: u8,
    },
    Close {
        slot: u8,
    },
    /// A message, in two chunks if `cut` is not 0.
    Say {
        slot: u8,
        message: Said,
        cut: u8,
    },
    Raw {
        slot: u8,
        len: u8,
        bytes: [u8; 12],
    },
    /// Answers a request that this link was sent.
    Serve {
        slot: u8,
        which: u8,
        how: How,
    },
    /// Answers all requests that this link was sent.
    ServeAll {
        slot: u8,
    },
    /// Answers an action that waits.
    Answer {
        which: u8,
        ok: bool,
    },
    /// Answers all actions that wait.
    AnswerAll,
    /// Milliseconds.
    Pass {
        ms: u16,
    },
    /// Sleeps until the engine wants to be woken.
    PassUntilTimeout,
    Policy {
        which: u8,
    },
    Play {
        piece: u8,
        rate: u8,
    },
    /// Powers of two; 0 is no limit.
    Limits {
        up: u8,
        down: u8,
    },
    Ban {
        identity: u8,
    },
    CloseCommand {
        slot: u8,
    },
    Transmit {
        slot: u8,
        budget: u16,
    },
    /// Every link that is ready, with room for everything.
    TransmitReady,
    /// The first eight pieces by their bits; those behind are wanted.
    Want {
        pieces: u8,
    },
    Gain {
        piece: u8,
    },
    Lose {
        piece: u8,
    },
    /// So many peers behind a bridge, more than are told of.
    Behind {
        count: u8,
    },
    Serving {
        is_serving: bool,
    },
}

/// A request is answered like this.
#[derive(Debug, Arbitrary)]
pub enum How {
    Right,
    WrongByte,
    WrongLength,
    Reject,
    Twice,
}

/// A message. Pieces and offsets may lie outside the torrent.
#[derive(Debug, Arbitrary)]
pub enum Said {
    KeepAlive,
    Choke,
    Unchoke,
    Interested,
    NotInterested,
    Have { piece: u8 },
    Bitfield { bits: u8 },
    HaveAll,
    HaveNone,
    Request { piece: u8, block: u8, len: u8 },
    Cancel { piece: u8, block: u8, len: u8 },
    Reject { piece: u8, block: u8, len: u8 },
    Piece { piece: u8, block: u8, len: u8 },
    Suggest { piece: u8 },
    AllowedFast { piece: u8 },
    ExtensionHandshake { queue_max: u8 },
    Unknown { id: u8 },
    DontHave { piece: u8 },
    MetadataRequest { part: u8 },
    Pex { peers: u8 },
}

/// Flags of [`Operation::Open`].
pub mod flag {
    pub const DIALED: u8 = 1;
    pub const FAST: u8 = 2;
    pub const EXTENSIONS: u8 = 4;
    /// The tracker vouches for the peer id.
    pub const VOUCHED: u8 = 8;
    /// Nothing is said, not even the handshake.
    pub const SILENT: u8 = 16;
    pub const CHOKES: u8 = 32;
    pub const INTERESTED: u8 = 64;
    /// The handshake names another torrent.
    pub const WRONG_TORRENT: u8 = 128;
}

/// Number of variants of [`Operation`], which the derived `arbitrary` divides by.
const OPERATIONS: u64 = 22;
/// Number of variants of [`How`].
const HOWS: u64 = 5;
/// Number of variants of [`Said`].
const SAIDS: u64 = 20;

/// What the derived `arbitrary` reads variant `index` of `count` from.
fn variant(index: u64, count: u64) -> [u8; 4] {
    (index << 32).div_ceil(count).to_le_bytes()[..4].try_into().expect("four of eight bytes")
}

/// Writes histories as `arbitrary` reads them; the corpus test notices if that ever changes.
struct Writer(Vec<u8>);

impl Writer {
    fn new(setup: [u8; 11]) -> Self {
        Self(setup.to_vec())
    }

    fn step(mut self, index: u64, fields: &[u8]) -> Self {
        self.0.extend(variant(index, OPERATIONS));
        self.0.extend(fields);
        self
    }

    fn open(self, identity: u8, flags: u8, pieces: u8) -> Self {
        self.step(0, &[identity, flags, pieces])
    }

    fn say(self, slot: u8, message: u64, fields: &[u8], cut: u8) -> Self {
        let fields = [&[slot][..], &variant(message, SAIDS), fields, &[cut]].concat();
        self.step(3, &fields)
    }

    fn serve(self, slot: u8, which: u8, how: u64) -> Self {
        let fields = [&[slot, which][..], &variant(how, HOWS)].concat();
        self.step(5, &fields)
    }

    fn times(self, times: usize, more: impl Fn(Self) -> Self) -> Self {
        (0..times).fold(self, |writer, _| more(writer))
    }

    /// Requests go out, are answered by both links, and the jobs are done.
    fn round(self) -> Self {
        self.step(17, &[]).step(6, &[0]).step(6, &[1]).step(8, &[])
    }
}

pub fn seeds() -> Vec<(&'static str, Vec<u8>)> {
    let leech = [0, 7, 0, 0, 0, 0, 3, 80, 0, 0, 0];
    let seeder = [0xff, 7, 0, 0, 0, 0, 3, 80, 0, 0, 0];
    let tight = [1, 7, 1, 2, 3, 0, 1, 2, 1, 1, 0];
    let honest = flag::FAST | flag::EXTENSIONS;
    let download = Writer::new(leech).open(1, honest, 0xff).open(2, flag::DIALED, 0xff).times(8, Writer::round);
    let liar = Writer::new(leech).open(1, honest, 0xff).open(2, honest, 0xff).step(17, &[]);
    let liar = liar.times(9, |w| w.serve(0, 0, 1).step(17, &[]).step(8, &[])).times(4, Writer::round);
    let serves = Writer::new(seeder).open(1, honest | flag::INTERESTED, 0).open(2, flag::INTERESTED, 3);
    let serves = serves.times(3, |w| {
        let w = w.say(0, 9, &[1, 0, 0], 0).say(0, 9, &[1, 1, 0], 5).say(1, 9, &[2, 0, 0], 0).say(0, 10, &[1, 1, 0], 0);
        w.step(8, &[]).step(17, &[]).step(9, &[0xff, 0xff])
    });
    let budgets = Writer::new(tight).open(1, honest, 0xff).open(2, honest, 0x0f).step(13, &[20, 18]);
    let budgets = budgets.times(6, |w| w.round().step(10, &[])).step(12, &[2, 20]).step(11, &[2]);
    let budgets = budgets.times(4, |w| w.round().step(10, &[])).step(14, &[1]).step(15, &[0]);
    let crowd = Writer::new([3, 7, 0, 0, 0, 2, 1, 20, 0, 1, 0]).step(1, &[40]).open(1, honest, 0xff).times(4, |w| {
        let w = w.step(17, &[]).step(6, &[40]).step(8, &[]).say(3, 3, &[], 0).say(4, 5, &[4], 0);
        w.step(9, &[0, 8])
    });
    let hostile = Writer::new(leech).open(1, flag::WRONG_TORRENT, 0xff).open(1, flag::SILENT, 0).open(3, honest, 0x15);
    let hostile = hostile.step(4, &[[0, 12].as_slice(), &[0, 0, 0, 1, 9, 0, 0, 0, 2, 99, 1, 1]].concat());
    let hostile = hostile.say(1, 12, &[1, 1, 0], 0).say(1, 11, &[1, 1, 0], 0).say(1, 1, &[], 0).say(1, 6, &[3], 2);
    let hostile = hostile.say(1, 15, &[9], 0).say(1, 13, &[2], 0).say(1, 16, &[30], 0).step(7, &[0, 0]);
    let wants =
        Writer::new(leech).step(18, &[0x05]).open(1, honest, 0xff).open(2, honest, 0x0f).times(3, Writer::round);
    let wants = wants.say(0, 17, &[2], 0).say(1, 18, &[0], 0).say(0, 19, &[9], 3).step(18, &[0xf0]);
    let wants = wants.times(3, Writer::round).step(18, &[0]).round().step(18, &[0xff]).times(6, Writer::round);
    let bridged = Writer::new([0, 7, 0, 0, 0, 0, 3, 80, 0, 0, 0]).step(18, &[0]).step(21, &[3]);
    let bridged = bridged.open(1, honest | flag::INTERESTED, 0).say(0, 15, &[1], 0).step(17, &[]);
    let bridged = bridged.step(19, &[2]).step(19, &[4]).step(17, &[]).times(3, |w| {
        let w = w.say(0, 9, &[2, 0, 0], 0).say(0, 9, &[4, 1, 0], 0).step(17, &[]).step(20, &[4]);
        w.step(8, &[]).step(17, &[]).step(19, &[4]).step(21, &[9])
    });
    let fetches = Writer::new([0, 7, 0, 0, 0, 0, 3, 80, 0, 0, 1]).step(18, &[0x12]).open(1, honest, 0xff);
    let fetches = fetches.open(2, honest, 0xff).times(3, Writer::round).step(20, &[1]).step(18, &[0x02]);
    let fetches = fetches.times(3, Writer::round).step(19, &[5]).say(0, 3, &[], 0).say(0, 9, &[1, 0, 0], 0).round();
    [
        ("bridged", bridged),
        ("fetches", fetches),
        ("wants", wants),
        ("download", download),
        ("liar", liar),
        ("serves", serves),
        ("budgets", budgets),
        ("crowd", crowd),
        ("hostile", hostile),
    ]
    .map(|(name, writer)| (name, writer.0))
    .into()
}

#[cfg(test)]
mod tests {
    use arbitrary::Unstructured;

    use super::*;

    #[test]
    fn a_seed_reads_back_as_the_operations_that_it_was_written_from() {
        let bytes = Writer::new([1, 2, 1, 3, 4, 5, 6, 7, 0, 1, 1])
            .open(1, 2, 3)
            .say(4, 16, &[30], 5)
            .serve(6, 7, 4)
            .step(17, &[])
            .0;
        let mut input = Unstructured::new(&bytes);
        let setup = Setup::arbitrary(&mut input).unwrap();
        assert!(setup.is_tight && setup.links_max == 7 && !setup.keeps_complete_peers && setup.leaves_links_open);
        let mut operations = Vec::new();
        while !input.is_empty() {
            operations.push(format!("{:?}", Operation::arbitrary(&mut input).unwrap()));
        }
        let expected = [
            "Open { identity: 1, flags: 2, pieces: 3 }",
            "Say { slot: 4, message: Unknown { id: 30 }, cut: 5 }",
            "Serve { slot: 6, which: 7, how: Twice }",
            "TransmitReady",
        ];
        assert_eq!(operations, expected);
    }
}
