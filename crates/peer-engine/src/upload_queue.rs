//! What one peer asked of us: waiting, being loaded, ready to be sent.

use std::collections::VecDeque;

use bytes::Bytes;
use peer_wire::{BLOCK_LEN_MAX, Block};

use crate::ids::JobId;

/// Largest load, bytes: neighbouring requests are read in one go.
const LOAD_LEN_MAX: u32 = 256 * 1024;

/// One peer's requests, in the order in which they came.
#[derive(Debug, Default)]
pub struct UploadQueue {
    waiting: VecDeque<Block>,
    loading: Vec<Loading>,
    ready: VecDeque<(Block, Bytes)>,
    /// Bytes loading or ready.
    ahead_bytes: u32,
}

#[derive(Debug)]
struct Loading {
    job: JobId,
    /// Each with whether it is still wanted: what was cancelled is not sent, which some clients close for.
    blocks: Vec<(Block, bool)>,
}

impl Loading {
    fn len(&self) -> u32 {
        self.blocks.iter().map(|(block, _)| block.len).sum()
    }

    fn wanted(&self) -> impl Iterator<Item = Block> {
        self.blocks.iter().filter(|(_, is_wanted)| *is_wanted).map(|(block, _)| *block)
    }
}

/// What to read for a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extent {
    /// Index of the piece.
    pub piece: u32,
    /// Offset in the piece, bytes.
    pub begin: u32,
    /// Bytes.
    pub len: u32,
}

impl UploadQueue {
    /// Requests not yet answered.
    pub fn len(&self) -> usize {
        self.waiting.len() + self.ready.len() + self.loading.iter().map(|load| load.wanted().count()).sum::<usize>()
    }

    /// A request came. Duplicates are answered once.
    pub fn push(&mut self, block: Block) {
        if self.waiting.back() != Some(&block) {
            self.waiting.push_back(block);
        }
    }

    /// The peer took a request back. `true`: it was waiting and its block will not be sent.
    pub fn cancel(&mut self, block: &Block) -> bool {
        if let Some(at) = self.waiting.iter().position(|waiting| waiting == block) {
            self.waiting.remove(at);
            return true;
        }
        let mut loading = self.loading.iter_mut().flat_map(|load| &mut load.blocks);
        if let Some((_, is_wanted)) = loading.find(|(loading, is_wanted)| loading == block && *is_wanted) {
            *is_wanted = false;
            return true;
        }
        if let Some(at) = self.ready.iter().position(|(ready, _)| ready == block) {
            self.ready.remove(at);
            self.ahead_bytes -= block.len;
            return true;
        }
        false
    }

    /// Forgets everything and returns what will not be answered (we choke).
    pub fn clear(&mut self) -> Vec<Block> {
        let mut unanswered: Vec<Block> = self.waiting.drain(..).collect();
        unanswered.extend(self.loading.drain(..).flat_map(|load| load.wanted().collect::<Vec<_>>()));
        unanswered.extend(self.ready.drain(..).map(|(block, _)| block));
        self.ahead_bytes = 0;
        unanswered
    }

    /// A piece is gone: what will not be answered.
    pub fn drop_piece(&mut self, piece: u32) -> Vec<Block> {
        let mut unanswered = Vec::new();
        self.waiting.retain(|block| {
            let stays = block.piece != piece;
            if !stays {
                unanswered.push(*block);
            }
            stays
        });
        let is_of_it = |load: &Loading| load.blocks.first().is_some_and(|(block, _)| block.piece == piece);
        for load in self.loading.extract_if(.., |load| is_of_it(load)) {
            self.ahead_bytes -= load.len();
            unanswered.extend(load.wanted());
        }
        unanswered
    }

    /// The next thing to read, if not too much is ahead already: neighbours that wait in a row.
    pub fn next_load(&mut self, ahead_bytes_max: u32, job: JobId) -> Option<Extent> {
        let first = *self.waiting.front()?;
        if self.ahead_bytes > 0 && self.ahead_bytes + BLOCK_LEN_MAX > ahead_bytes_max {
            return None;
        }
        let mut extent = Extent { piece: first.piece, begin: first.begin, len: 0 };
        let mut blocks = Vec::new();
        while let Some(block) = self.waiting.front() {
            let follows = block.piece == extent.piece && block.begin == extent.begin + extent.len;
            if !follows || extent.len + block.len > LOAD_LEN_MAX {
                break;
            }
            extent.len += block.len;
            blocks.extend(self.waiting.pop_front().map(|block| (block, true)));
        }
        self.ahead_bytes += extent.len;
        self.loading.push(Loading { job, blocks });
        Some(extent)
    }

    /// A load is done. `None`: it was not ours (any more).
    pub fn on_loaded(&mut self, job: JobId, mut data: Bytes) -> Option<()> {
        let at = self.loading.iter().position(|load| load.job == job)?;
        for (block, is_wanted) in self.loading.remove(at).blocks {
            let data = data.split_to(data.len().min(block.len as usize));
            // Less than was asked for: a driver that broke its contract; the peer's own timeout asks elsewhere.
            if is_wanted && data.len() == block.len as usize {
                self.ready.push_back((block, data));
            } else {
                self.ahead_bytes -= block.len;
            }
        }
        Some(())
    }

    /// A load failed: what will not be answered.
    pub fn on_load_failed(&mut self, job: JobId) -> Vec<Block> {
        let Some(at) = self.loading.iter().position(|load| load.job == job) else {
            return Vec::new();
        };
        let load = self.loading.remove(at);
        self.ahead_bytes -= load.len();
        load.wanted().collect()
    }

    /// Length of the next block that can be sent, bytes.
    pub fn ready_len(&self) -> Option<u32> {
        self.ready.front().map(|(block, _)| block.len)
    }

    /// The piece of the next block that is to be sent.
    pub fn next_piece(&self) -> Option<u32> {
        let loading = || self.loading.iter().find_map(|load| load.wanted().next());
        let next = self.ready.front().map(|(block, _)| *block).or_else(loading).or(self.waiting.front().copied());
        next.map(|block| block.piece)
    }

    /// The next block to send.
    pub fn pop_ready(&mut self) -> Option<(Block, Bytes)> {
        let (block, data) = self.ready.pop_front()?;
        self.ahead_bytes -= block.len;
        Some((block, data))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(piece: u32, index: u32) -> Block {
        Block { piece, begin: index * BLOCK_LEN_MAX, len: BLOCK_LEN_MAX }
    }

    #[test]
    fn neighbours_are_read_in_one_go_and_sent_in_order() {
        let mut queue = UploadQueue::default();
        [block(3, 0), block(3, 1), block(3, 3), block(4, 0)].into_iter().for_each(|block| queue.push(block));
        let extent = queue.next_load(1 << 20, JobId(1)).unwrap();
        assert_eq!(extent, Extent { piece: 3, begin: 0, len: 2 * BLOCK_LEN_MAX });
        assert_eq!(queue.next_load(1 << 20, JobId(2)).unwrap().begin, 3 * BLOCK_LEN_MAX);
        queue.on_loaded(JobId(1), Bytes::from(vec![7; 2 * BLOCK_LEN_MAX as usize])).unwrap();
        assert_eq!(queue.pop_ready().unwrap().0, block(3, 0));
        assert_eq!(queue.pop_ready().unwrap().0, block(3, 1));
        assert!(queue.pop_ready().is_none());
        assert_eq!(queue.len(), 2);
    }

    #[test]
    fn what_is_read_ahead_is_bounded() {
        let mut queue = UploadQueue::default();
        (0..64).for_each(|index| queue.push(block(0, index)));
        assert!(queue.next_load(256 * 1024, JobId(1)).is_some());
        assert!(queue.next_load(256 * 1024, JobId(2)).is_none());
        assert_eq!(queue.on_load_failed(JobId(1)).len(), 16);
        assert!(queue.next_load(256 * 1024, JobId(3)).is_some());
    }

    /// It was sent all the same: rqbit closes a link on which a block comes that it does not wait for.
    #[test]
    fn what_is_cancelled_while_it_is_read_is_not_sent() {
        let mut queue = UploadQueue::default();
        (0..3).for_each(|index| queue.push(block(0, index)));
        queue.next_load(1 << 20, JobId(1)).unwrap();
        assert!(queue.cancel(&block(0, 1)));
        assert!(!queue.cancel(&block(0, 1)), "once");
        assert_eq!(queue.len(), 2);
        let data: Vec<u8> = (0..3).flat_map(|index| vec![index; BLOCK_LEN_MAX as usize]).collect();
        queue.on_loaded(JobId(1), data.into()).unwrap();
        let sent: Vec<(Block, u8)> =
            std::iter::from_fn(|| queue.pop_ready().map(|(block, data)| (block, data[0]))).collect();
        assert_eq!(sent, [(block(0, 0), 0), (block(0, 2), 2)]);
        assert_eq!(queue.ahead_bytes, 0);
    }

    #[test]
    fn a_choked_peer_is_told_of_every_request_that_dies() {
        let mut queue = UploadQueue::default();
        (0..20).for_each(|index| queue.push(block(0, index)));
        queue.next_load(1 << 20, JobId(1));
        assert_eq!(queue.clear().len(), 20);
        assert_eq!(queue.on_loaded(JobId(1), Bytes::new()), None);
    }
}
