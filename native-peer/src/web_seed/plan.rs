//! Which of the blocks that the engine asks for are asked of the server together: neighbours, as far as they go.

use std::collections::{BTreeSet, VecDeque};

use metainfo::{FileSpan, Info, Layout};
use peer_wire::{Block, PIECE_HEADER_LEN, encode_piece_header};

use bytes::{Bytes, BytesMut};

/// Requests that wait or are on their way, at most: what the engine is told (`reqq`).
pub const REQUESTS_MAX: usize = 256;
/// Bytes that are asked for at once.
const RUN_LEN_MAX: u64 = 1 << 20;
/// While something is on its way, so much has to wait before more is asked for: a request costs as much as some blocks.
const WORTH_ASKING: usize = 16;

/// What is asked for and not on its way yet.
#[derive(Debug)]
pub struct Plan {
    layout: Layout,
    waiting: BTreeSet<Block>,
    /// The same, the oldest first.
    order: VecDeque<Block>,
}

/// Blocks one behind the other, at least one.
#[derive(Debug, PartialEq, Eq)]
pub struct Run(Vec<Block>);

impl Plan {
    /// Nothing is asked for.
    pub fn new(layout: Layout) -> Self {
        Self { layout, waiting: BTreeSet::new(), order: VecDeque::new() }
    }

    /// The engine asks for a block. `false`: it is not taken.
    pub fn ask(&mut self, block: Block) -> bool {
        let is_taken = self.waiting.len() < REQUESTS_MAX && self.layout.contains(&block) && self.waiting.insert(block);
        if is_taken {
            self.order.push_back(block);
        }
        is_taken
    }

    /// It takes that back. `false`: the block is on its way, or was never asked for.
    pub fn cancel(&mut self, block: &Block) -> bool {
        let was_waiting = self.waiting.remove(block);
        if was_waiting {
            self.order.retain(|other| other != block);
        }
        was_waiting
    }

    /// What is to be asked for next: the oldest block and its neighbours. `is_busy`: something is on its way.
    pub fn next_run(&mut self, is_busy: bool) -> Option<Run> {
        if is_busy && self.waiting.len() < WORTH_ASKING {
            return None;
        }
        let oldest = *self.order.front()?;
        let mut run = VecDeque::from([oldest]);
        let mut len = u64::from(oldest.len);
        let before = self.waiting.range(..oldest).rev();
        for block in before {
            let is_next = self.end(block) == self.start(&run[0]) && len + u64::from(block.len) <= RUN_LEN_MAX;
            if !is_next {
                break;
            }
            len += u64::from(block.len);
            run.push_front(*block);
        }
        let mut end = self.end(&oldest);
        for block in self.waiting.range(oldest..).skip(1) {
            if self.start(block) != end || len + u64::from(block.len) > RUN_LEN_MAX {
                break;
            }
            (len, end) = (len + u64::from(block.len), self.end(block));
            run.push_back(*block);
        }
        for block in &run {
            self.cancel(block);
        }
        Some(Run(run.into()))
    }

    /// Where the block begins in the torrent, bytes.
    fn start(&self, block: &Block) -> u64 {
        self.layout.piece_offset(block.piece) + u64::from(block.begin)
    }

    fn end(&self, block: &Block) -> u64 {
        self.start(block) + u64::from(block.len)
    }
}

impl Run {
    /// The parts of files that it is made of, in order.
    pub fn spans(&self, info: &Info) -> Vec<FileSpan> {
        let len = self.0.iter().map(|block| block.len).sum();
        info.spans(&Block { len, ..self.0[0] }).collect()
    }

    /// Takes its bytes, to give them out as messages.
    pub fn cutter(self) -> Cutter {
        Cutter { blocks: self.0.into(), frame: BytesMut::new() }
    }
}

/// Makes piece messages of the bytes of a run, however they come.
#[derive(Debug)]
pub struct Cutter {
    /// Those that are not whole.
    blocks: VecDeque<Block>,
    /// The message of the first of them, as far as it is there.
    frame: BytesMut,
}

impl Cutter {
    /// Takes what fits into the next message off the front of `bytes`; the message, when it is whole.
    pub fn push(&mut self, bytes: &mut Bytes) -> Option<Bytes> {
        let block = self.blocks.front()?;
        let whole = PIECE_HEADER_LEN + block.len as usize;
        if self.frame.is_empty() {
            self.frame.reserve(whole);
            self.frame.extend_from_slice(&encode_piece_header(block.piece, block.begin, block.len as usize));
        }
        let part = bytes.split_to(bytes.len().min(whole - self.frame.len()));
        self.frame.extend_from_slice(&part);
        if self.frame.len() < whole {
            return None;
        }
        self.blocks.pop_front();
        Some(std::mem::take(&mut self.frame).freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BLOCK: u32 = 16 << 10;

    fn block(piece: u32, index: u32) -> Block {
        Block { piece, begin: index * BLOCK, len: BLOCK }
    }

    /// Pieces of four blocks, the last block of 100 bytes.
    fn plan(blocks: &[Block]) -> Plan {
        let layout = Layout::new(1000 * 4 * u64::from(BLOCK) + 100, 4 * u64::from(BLOCK)).unwrap();
        let mut plan = Plan::new(layout);
        assert!(blocks.iter().all(|block| plan.ask(*block)));
        plan
    }

    #[test]
    fn neighbours_are_asked_for_together_across_pieces() {
        let last = Block { piece: 1000, begin: 0, len: 100 };
        let mut plan = plan(&[block(7, 3), block(2, 0), block(8, 0), block(7, 2), block(8, 2), block(999, 3), last]);
        assert_eq!(plan.next_run(false), Some(Run(vec![block(7, 2), block(7, 3), block(8, 0)])));
        assert_eq!(plan.next_run(false), Some(Run(vec![block(2, 0)])));
        assert_eq!(plan.next_run(false), Some(Run(vec![block(8, 2)])));
        assert_eq!(plan.next_run(false), Some(Run(vec![block(999, 3), last])));
        assert_eq!(plan.next_run(false), None);
    }

    #[test]
    fn no_run_is_longer_than_a_mebibyte() {
        let blocks: Vec<Block> = (0..50).flat_map(|piece| (0..4).map(move |index| block(piece, index))).collect();
        let mut plan = plan(&blocks);
        let runs: Vec<usize> = std::iter::from_fn(|| plan.next_run(false)).map(|run| run.0.len()).collect();
        assert_eq!(runs, [64, 64, 64, 8]);
    }

    #[test]
    fn what_is_taken_back_is_not_asked_for_and_what_is_on_its_way_stays() {
        let mut plan = plan(&[block(0, 0), block(0, 1), block(0, 2)]);
        assert!(plan.cancel(&block(0, 1)) && !plan.cancel(&block(0, 1)));
        assert_eq!(plan.next_run(false), Some(Run(vec![block(0, 0)])));
        assert!(!plan.cancel(&block(0, 0)));
        assert!(plan.ask(block(0, 0)), "again, as the engine does after it has lost patience");
        assert_eq!(plan.next_run(false), Some(Run(vec![block(0, 2)])));
        assert_eq!(plan.next_run(false), Some(Run(vec![block(0, 0)])));
        assert!(plan.order.is_empty() && plan.waiting.is_empty());
    }

    #[test]
    fn a_few_blocks_wait_while_others_are_on_their_way() {
        let blocks: Vec<Block> = (0..15).map(|piece| block(2 * piece, 0)).collect();
        let mut plan = plan(&blocks);
        assert_eq!(plan.next_run(true), None);
        assert!(plan.ask(block(100, 0)));
        assert_eq!(plan.next_run(true), Some(Run(vec![block(0, 0)])));
    }

    #[test]
    fn requests_are_bounded_and_inside_of_the_torrent() {
        let mut plan = plan(&[]);
        for outside in [block(1000, 0), block(0, 4), Block { len: 0, ..block(0, 0) }] {
            assert!(!plan.ask(outside));
        }
        let taken = (0..300).filter(|piece| plan.ask(block(*piece, 0))).count();
        assert_eq!(taken, REQUESTS_MAX);
    }

    #[test]
    fn bytes_become_messages_however_they_come() {
        let run = || Run(vec![Block { piece: 1, begin: 0, len: 5 }, Block { piece: 1, begin: 5, len: 3 }]);
        for chunk_len in 1..=8 {
            let (mut cutter, mut frames) = (run().cutter(), Vec::new());
            for chunk in b"abcdefgh".chunks(chunk_len) {
                let mut bytes = Bytes::copy_from_slice(chunk);
                while !bytes.is_empty() {
                    frames.extend(cutter.push(&mut bytes));
                }
            }
            let expected = [&encode_piece_header(1, 0, 5)[..], b"abcde", &encode_piece_header(1, 5, 3), b"fgh"];
            assert_eq!(frames.concat(), expected.concat());
            assert_eq!(frames.len(), 2);
        }
    }

    #[test]
    fn a_run_lies_in_several_files() {
        let digests = "x".repeat(20);
        let files = "d6:lengthi5e4:pathl1:aeed4:attr1:p6:lengthi3e4:pathl1:beed6:lengthi9e4:pathl1:cee";
        let raw = format!("d5:filesl{files}e4:name1:s12:piece lengthi16384e6:pieces20:{digests}e");
        let info = Info::parse(raw.into_bytes().into()).unwrap();
        let run = Run(vec![Block { piece: 0, begin: 2, len: 3 }, Block { piece: 0, begin: 5, len: 6 }]);
        let spans: Vec<_> =
            run.spans(&info).iter().map(|span| (span.file, span.offset, span.len, span.is_padding)).collect();
        assert_eq!(spans, [(0, 2, 3, false), (1, 0, 3, true), (2, 0, 3, false)]);
    }
}
