//! Info dictionaries of files that were hashed before, so that sharing the same file again begins at
//! once. Keyed by path, size, time of last change and piece length: what rsync trusts, too.

use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use data_encoding::HEXLOWER;
use metainfo::Info;
use sha1::{Digest, Sha1};

use crate::identity::{DataDir, write_atomically};
use crate::storage::FileStamp;

const FOLDER: &str = "hashes";
/// Entries kept; the oldest go first. At most 640 KiB each.
const ENTRIES_MAX: usize = 200;

/// The folder of remembered info dictionaries. Every failure means "not remembered".
#[derive(Debug, Clone)]
pub struct HashCache {
    folder: PathBuf,
}

impl HashCache {
    /// In the data folder.
    pub fn open(data: &DataDir) -> Self {
        Self { folder: data.join(FOLDER) }
    }

    /// The info dictionary that this very file had.
    pub fn find(&self, path: &Path, stamp: &FileStamp, piece_len: u32) -> Option<Info> {
        let entry = fs::read(self.entry(path, stamp, piece_len)?).ok()?;
        let (checksum, raw) = entry.split_first_chunk::<20>()?;
        if *checksum != <[u8; 20]>::from(Sha1::digest(raw)) {
            return None;
        }
        let info = Info::parse(Bytes::copy_from_slice(raw)).ok()?;
        (info.layout().total_len() == stamp.len && info.layout().nominal_piece_len() == piece_len).then_some(info)
    }

    /// Keeps an info dictionary; the oldest one makes room.
    pub fn keep(&self, path: &Path, stamp: &FileStamp, info: &Info) {
        let Some(entry) = self.entry(path, stamp, info.layout().nominal_piece_len()) else {
            return;
        };
        let bytes = [&info.info_hash().0[..], info.raw()].concat();
        let written = fs::create_dir_all(&self.folder).and_then(|()| write_atomically(&entry, &bytes));
        if let Err(error) = written {
            tracing::debug!(%error, "cannot remember the hashes");
        }
        self.forget_oldest();
    }

    fn entry(&self, path: &Path, stamp: &FileStamp, piece_len: u32) -> Option<PathBuf> {
        let path = path.canonicalize().ok()?;
        let changed = stamp.modified?.duration_since(std::time::UNIX_EPOCH).ok()?;
        let key = Sha1::new()
            .chain_update(path.as_os_str().as_encoded_bytes())
            .chain_update([0])
            .chain_update(stamp.len.to_le_bytes())
            .chain_update(changed.as_nanos().to_le_bytes())
            .chain_update(piece_len.to_le_bytes())
            .finalize();
        Some(self.folder.join(HEXLOWER.encode(&key)))
    }

    fn forget_oldest(&self) {
        let Ok(entries) = fs::read_dir(&self.folder) else {
            return;
        };
        let mut entries: Vec<_> = entries
            .flatten()
            .filter_map(|entry| Some((entry.metadata().ok()?.modified().ok()?, entry.path())))
            .collect();
        entries.sort_unstable();
        let surplus = entries.len().saturating_sub(ENTRIES_MAX);
        for (_, path) in entries.drain(..surplus) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use metainfo::InfoBuilder;

    use super::*;

    #[test]
    fn a_changed_file_is_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HashCache::open(&DataDir::open(Some(folder.path())).unwrap());
        let path = folder.path().join("movie.mp4");
        fs::write(&path, b"abc").unwrap();
        let stamp = FileStamp::of(&fs::File::open(&path).unwrap()).unwrap();
        let mut builder = InfoBuilder::new("movie.mp4", 3, Some(65_536)).unwrap();
        builder.set_digest(0, Sha1::digest(b"abc").into());
        let info = builder.finish().unwrap();

        assert!(cache.find(&path, &stamp, 65_536).is_none());
        cache.keep(&path, &stamp, &info);
        assert_eq!(cache.find(&path, &stamp, 65_536).unwrap().info_hash(), info.info_hash());
        assert!(cache.find(&path, &stamp, 131_072).is_none());
        let later =
            FileStamp { modified: stamp.modified.map(|time| time + std::time::Duration::from_nanos(1)), ..stamp };
        assert!(cache.find(&path, &later, 65_536).is_none());

        let entry = cache.entry(&path, &stamp, 65_536).unwrap();
        let mut bytes = fs::read(&entry).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&entry, bytes).unwrap();
        assert!(cache.find(&path, &stamp, 65_536).is_none(), "a damaged entry is no entry");
    }
}
