//! SHA-1 of pieces on disk, on all cores: pieces are independent, so each thread takes the next one.

mod cache;

use std::io;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};

use metainfo::Layout;
use sha1::{Digest, Sha1};

use crate::storage::Content;

pub use cache::{Fingerprint, HashCache};

/// What a thread reads at once, bytes: fits into a core's cache, and is enough for a disk.
const READ_LEN: usize = 256 << 10;
/// Threads at most: beyond it disks are the limit, not cores.
const THREADS_MAX: usize = 16;

/// SHA-1.
pub type PieceDigest = [u8; 20];

/// How far a hashing is, and the way to end it early. Shared with whoever shows it.
#[derive(Debug, Default)]
pub struct HashProgress {
    done: AtomicU64,
    is_cancelled: AtomicBool,
}

impl HashProgress {
    /// Bytes hashed so far.
    pub fn done(&self) -> u64 {
        self.done.load(Ordering::Relaxed)
    }

    /// Ends the hashing soon, with [`io::ErrorKind::Interrupted`].
    pub fn cancel(&self) {
        self.is_cancelled.store(true, Ordering::Relaxed);
    }
}

/// Cancels on drop: a hashing that nobody waits for any more ends by itself.
#[derive(Debug)]
pub struct CancelOnDrop(pub std::sync::Arc<HashProgress>);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// SHA-1 of blocks, one behind the other.
pub fn hash_blocks(blocks: &[bytes::Bytes]) -> PieceDigest {
    let mut sha1 = Sha1::new();
    blocks.iter().for_each(|block| sha1.update(block));
    sha1.finalize().into()
}

/// Threads for hashing on this computer.
pub fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, NonZeroUsize::get).min(THREADS_MAX)
}

/// Digests of these pieces of a torrent, in any order. Blocks the calling thread.
///
/// # Errors
/// What reading says; [`io::ErrorKind::UnexpectedEof`] if a file is shorter than it should be.
pub fn hash_pieces(
    content: &Content,
    layout: &Layout,
    pieces: &[u32],
    threads: usize,
    progress: &HashProgress,
) -> io::Result<Vec<(u32, PieceDigest)>> {
    let next = AtomicUsize::new(0);
    let digests = Mutex::new(Vec::with_capacity(pieces.len()));
    let hash_until_done = || -> io::Result<()> {
        let mut buffer = vec![0; READ_LEN];
        let mut mine = Vec::new();
        while let Some(&piece) = pieces.get(next.fetch_add(1, Ordering::Relaxed)) {
            mine.push((piece, hash_piece(content, layout, piece, &mut buffer, progress)?));
        }
        digests.lock().expect("no thread panics while it holds this").extend(mine);
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads = threads.clamp(1, pieces.len().max(1));
        let running: Vec<_> = (0..threads).map(|_| scope.spawn(hash_until_done)).collect();
        let mut result = Ok(());
        for thread in running {
            let ended = thread.join().expect("hashing threads do not panic");
            if let Err(error) = ended {
                progress.cancel();
                // A cancelled thread's "interrupted" must not hide why the first one failed.
                if result.is_ok() || error.kind() != io::ErrorKind::Interrupted {
                    result = Err(error);
                }
            }
        }
        result
    })?;
    Ok(digests.into_inner().expect("no thread panicked"))
}

fn hash_piece(
    content: &Content,
    layout: &Layout,
    piece: u32,
    buffer: &mut [u8],
    progress: &HashProgress,
) -> io::Result<PieceDigest> {
    let mut sha1 = Sha1::new();
    let mut offset = layout.piece_offset(piece);
    let end = offset + u64::from(layout.piece_len(piece));
    while offset < end {
        if progress.is_cancelled.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::Interrupted.into());
        }
        let len = ((end - offset) as usize).min(buffer.len());
        content.read_exact_at(&mut buffer[..len], offset)?;
        sha1.update(&buffer[..len]);
        offset += len as u64;
        progress.done.fetch_add(len as u64, Ordering::Relaxed);
    }
    Ok(sha1.finalize().into())
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::Arc;

    use super::*;

    fn sample(len: usize) -> (Content, Vec<u8>) {
        let mut file = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..len).map(|i| (i as u64).wrapping_mul(2_654_435_761).to_le_bytes()[2]).collect();
        file.write_all(&bytes).unwrap();
        (Content::of_file(Arc::new(file), len as u64), bytes)
    }

    #[test]
    fn digests_on_many_threads_equal_a_plain_hash() {
        let (content, bytes) = sample(5 * 65_536 + 77);
        let layout = Layout::new(bytes.len() as u64, 65_536).unwrap();
        let pieces: Vec<u32> = (0..layout.pieces()).collect();
        let progress = HashProgress::default();
        let mut digests = hash_pieces(&content, &layout, &pieces, 4, &progress).unwrap();
        digests.sort_unstable();
        let plain: Vec<(u32, PieceDigest)> =
            (0..).zip(bytes.chunks(65_536)).map(|(piece, bytes)| (piece, Sha1::digest(bytes).into())).collect();
        assert_eq!(digests, plain);
        assert_eq!(progress.done(), bytes.len() as u64);
    }

    #[test]
    fn a_file_that_is_too_short_is_an_error() {
        let (content, bytes) = sample(100_000);
        let layout = Layout::new(bytes.len() as u64 + 1, 65_536).unwrap();
        let error = hash_pieces(&content, &layout, &[0, 1], 2, &HashProgress::default()).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::UnexpectedEof);
    }

    #[test]
    fn a_cancelled_hashing_ends() {
        let (content, bytes) = sample(100_000);
        let layout = Layout::new(bytes.len() as u64, 65_536).unwrap();
        let progress = HashProgress::default();
        progress.cancel();
        let error = hash_pieces(&content, &layout, &[0, 1], 2, &progress).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::Interrupted);
    }
}
