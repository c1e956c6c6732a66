//! Info dictionaries of files and folders that were hashed before, so that sharing the same again begins at once. By path,
//! sizes, times of last change and piece length: what rsync trusts, and the time that nobody can set, as git does.

use std::fs;
use std::path::PathBuf;

use bytes::Bytes;
use data_encoding::HEXLOWER;
use metainfo::{Info, InfoBuilder};
use sha1::{Digest, Sha1};

use crate::identity::{DataDir, forget_oldest, write_atomically};

/// Where something is and what it looks like, in short: other bytes for other content, as far as anything but reading
/// can tell.
pub type Fingerprint = [u8; 20];

const FOLDER: &str = "hashes";
/// Entries kept; the oldest go first. At most 4 MiB each.
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

    /// The info dictionary that this very content had. `builder`: what it is to be a torrent of.
    pub fn find(&self, content: &Fingerprint, builder: &InfoBuilder) -> Option<Info> {
        let entry = fs::read(self.entry(content, builder.layout().nominal_piece_len())).ok()?;
        let (checksum, raw) = entry.split_first_chunk::<20>()?;
        if *checksum != <[u8; 20]>::from(Sha1::digest(raw)) {
            return None;
        }
        let info = Info::parse(Bytes::copy_from_slice(raw)).ok()?;
        (info.layout() == builder.layout() && info.name() == builder.name()).then_some(info)
    }

    /// Keeps an info dictionary; the oldest one makes room.
    pub fn keep(&self, content: &Fingerprint, info: &Info) {
        let entry = self.entry(content, info.layout().nominal_piece_len());
        let bytes = [&info.info_hash().0[..], info.raw()].concat();
        let written = fs::create_dir_all(&self.folder).and_then(|()| write_atomically(&entry, &bytes));
        if let Err(error) = written {
            tracing::debug!(%error, "cannot remember the hashes");
        }
        forget_oldest(&self.folder, ENTRIES_MAX);
    }

    /// It turned out to be wrong.
    pub fn forget(&self, content: &Fingerprint, piece_len: u32) {
        let _ = fs::remove_file(self.entry(content, piece_len));
    }

    fn entry(&self, content: &Fingerprint, piece_len: u32) -> PathBuf {
        let key = Sha1::new().chain_update(content).chain_update(piece_len.to_le_bytes()).finalize();
        self.folder.join(HEXLOWER.encode(&key))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_content_another_piece_length_and_what_was_forgotten_are_not_found() {
        let folder = tempfile::tempdir().unwrap();
        let cache = HashCache::open(&DataDir::open(Some(folder.path())).unwrap());
        let builder = |piece_len| InfoBuilder::new("movie.mp4", 3, Some(piece_len)).unwrap();
        let mut hashed = builder(65_536);
        hashed.set_digest(0, Sha1::digest(b"abc").into());
        let info = hashed.finish().unwrap();
        let (content, other): (Fingerprint, Fingerprint) = ([1; 20], [2; 20]);

        assert!(cache.find(&content, &builder(65_536)).is_none());
        cache.keep(&content, &info);
        assert_eq!(cache.find(&content, &builder(65_536)).unwrap().info_hash(), info.info_hash());
        assert!(cache.find(&content, &builder(131_072)).is_none());
        assert!(cache.find(&other, &builder(65_536)).is_none());
        assert!(cache.find(&content, &InfoBuilder::new("film.mp4", 3, Some(65_536)).unwrap()).is_none());

        let entry = cache.entry(&content, 65_536);
        let whole = fs::read(&entry).unwrap();
        let mut damaged = whole.clone();
        *damaged.last_mut().unwrap() ^= 1;
        fs::write(&entry, damaged).unwrap();
        assert!(cache.find(&content, &builder(65_536)).is_none(), "a damaged entry is no entry");
        fs::write(&entry, whole).unwrap();
        cache.forget(&content, 65_536);
        assert!(cache.find(&content, &builder(65_536)).is_none());
    }
}
