//! Where the cache of a bridge keeps its pieces: in memory, or in one file without a name.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

use bridge::Read;
use peer_engine::PieceData;
use tokio::task::JoinSet;

use super::joint::Done;
use crate::storage::positional;

#[derive(Debug)]
pub enum Shelf {
    /// By slots.
    Memory(Vec<PieceData>),
    /// A slot has room for a piece.
    Disk { file: Arc<File>, piece_len: u64 },
}

impl Shelf {
    pub fn in_memory(slots: usize) -> Self {
        Self::Memory(vec![Vec::new(); slots])
    }

    /// The file is gone when this program is, however it ends.
    ///
    /// # Errors
    /// What the file system says.
    pub fn on_disk(folder: &Path, piece_len: u32) -> io::Result<Self> {
        std::fs::create_dir_all(folder)?;
        let file = Arc::new(tempfile::tempfile_in(folder)?);
        Ok(Self::Disk { file, piece_len: piece_len.into() })
    }

    pub fn keep(&mut self, slot: usize, data: PieceData, working: &mut JoinSet<Done>) -> Option<Done> {
        match self {
            Self::Memory(slots) => {
                let kept = slots.get_mut(slot).map(|held| *held = data);
                Some(Done::Kept { slot, result: kept.ok_or_else(no_such_slot) })
            }
            Self::Disk { file, piece_len } => {
                let (file, offset) = (file.clone(), slot as u64 * *piece_len);
                working.spawn_blocking(move || Done::Kept {
                    slot,
                    result: positional::write_all_at(&file, &data, offset),
                });
                None
            }
        }
    }

    pub fn read(&mut self, read: Read, working: &mut JoinSet<Done>) -> Option<Done> {
        let Read { slot, load } = read;
        match self {
            Self::Memory(slots) => {
                let data = slots.get(slot).and_then(|held| load.cut(held)).ok_or_else(no_such_slot);
                Some(Done::Read { slot, load, data })
            }
            Self::Disk { file, piece_len } => {
                let (file, offset) = (file.clone(), slot as u64 * *piece_len + u64::from(load.begin));
                working.spawn_blocking(move || {
                    let data = positional::read_bytes_at(&file, load.len as usize, offset);
                    Done::Read { slot, load, data }
                });
                None
            }
        }
    }
}

fn no_such_slot() -> io::Error {
    io::ErrorKind::NotFound.into()
}

#[cfg(test)]
mod tests {
    use bridge::Load;
    use bytes::Bytes;
    use peer_engine::JobId;

    use super::*;

    async fn done(at_once: Option<Done>, working: &mut JoinSet<Done>) -> Done {
        match at_once {
            Some(done) => done,
            None => working.join_next().await.unwrap().unwrap(),
        }
    }

    #[tokio::test]
    async fn what_is_kept_is_read_from_memory_and_disk_alike() {
        let folder = tempfile::tempdir().unwrap();
        let mut working = JoinSet::new();
        for mut shelf in [Shelf::in_memory(3), Shelf::on_disk(folder.path(), 16_384).unwrap()] {
            for slot in [2, 0] {
                let data = vec![Bytes::from(vec![slot as u8; 10_000]), Bytes::from(vec![9; 6_384])];
                let at_once = shelf.keep(slot, data, &mut working);
                assert!(matches!(done(at_once, &mut working).await, Done::Kept { result: Ok(()), .. }));
            }
            let load = Load { job: JobId(1), piece: 7, begin: 9_999, len: 2, who: None };
            let at_once = shelf.read(Read { slot: 2, load }, &mut working);
            let Done::Read { data, .. } = done(at_once, &mut working).await else { panic!("not read") };
            assert_eq!(data.unwrap()[..], [2, 9]);
        }
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "the file has no name");
    }

    #[tokio::test]
    async fn what_is_not_there_is_not_read() {
        let mut working = JoinSet::new();
        let load = Load { job: JobId(1), piece: 0, begin: 0, len: 2, who: None };
        for slot in [0, 5] {
            let read = Shelf::in_memory(3).read(Read { slot, load }, &mut working);
            assert!(matches!(read, Some(Done::Read { data: Err(_), .. })));
        }
    }
}
