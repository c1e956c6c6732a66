//! What a file card promised, and the bytes that came: checked against each other.

use bytes::Bytes;
use metainfo::{Info, InfoError, bare_name};

use crate::InfoHash;

/// What was promised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected<'a> {
    /// The file's name.
    pub name: &'a str,
    /// The file's size, bytes.
    pub size: u64,
    /// SHA-1 of the info dictionary.
    pub info_hash: InfoHash,
}

/// Why an info dictionary is refused. All are the fault of whoever made or sent it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TorrentError {
    /// Not a torrent that can be used.
    #[error(transparent)]
    Unreadable(#[from] InfoError),
    /// Another torrent's.
    #[error("it is the list of pieces of another file")]
    OtherTorrent,
    /// It does not say the size that was promised.
    #[error("it is {found} bytes long instead of {expected}")]
    OtherSize {
        /// As promised, bytes.
        expected: u64,
        /// As it says, bytes.
        found: u64,
    },
    /// It does not say the name that was promised.
    #[error("it calls the file {found:?}")]
    OtherName {
        /// As it says, made safe.
        found: String,
    },
    /// Several files in folders, which the programs cannot store yet.
    #[error("it is a folder of {files} files")]
    Folder {
        /// How many.
        files: usize,
    },
}

impl Expected<'_> {
    /// The torrent, if `raw` is what was promised. A file is written under the name that people saw and agreed
    /// to, so a torrent that calls it something else is refused.
    ///
    /// # Errors
    /// [`TorrentError`].
    pub fn check(&self, raw: Bytes) -> Result<Info, TorrentError> {
        let info = Info::parse(raw)?;
        let (expected, found) = (self.size, info.layout().total_len());
        if info.info_hash() != self.info_hash {
            Err(TorrentError::OtherTorrent)
        } else if found != expected {
            Err(TorrentError::OtherSize { expected, found })
        } else if info.name() != bare_name(self.name) {
            Err(TorrentError::OtherName { found: info.name().to_owned() })
        } else if info.files().len() != 1 {
            Err(TorrentError::Folder { files: info.files().len() })
        } else {
            Ok(info)
        }
    }
}

#[cfg(test)]
mod tests {
    use metainfo::InfoBuilder;

    use super::*;

    const SIZE: u64 = 100_000;

    fn info(name: &str) -> Info {
        let mut builder = InfoBuilder::new(name, SIZE, Some(65_536)).unwrap();
        (0..2).for_each(|piece| builder.set_digest(piece, [7; 20]));
        builder.finish().unwrap()
    }

    fn check(expected_name: &str, info: &Info) -> Result<Info, TorrentError> {
        Expected { name: expected_name, size: SIZE, info_hash: info.info_hash() }.check(info.raw().clone())
    }

    #[test]
    fn what_was_promised_is_taken() {
        let info = info("holiday.mp4");
        assert_eq!(check("holiday.mp4", &info), Ok(info));
    }

    #[test]
    fn a_name_that_had_to_be_made_safe_is_still_the_promised_one() {
        let info = info("what?.mp4");
        assert_eq!(check("what?.mp4", &info).map(|info| info.name().to_owned()), Ok("what_.mp4".to_owned()));
    }

    #[test]
    fn a_torrent_that_calls_the_file_something_else_is_refused() {
        let found = info(".bash_profile").name().to_owned();
        assert_eq!(check("holiday.mp4", &info(".bash_profile")), Err(TorrentError::OtherName { found }));
    }

    #[test]
    fn another_torrent_another_size_and_rubbish_are_refused() {
        let info = info("a");
        let expected = Expected { name: "a", size: SIZE, info_hash: info.info_hash() };
        let other = Expected { info_hash: InfoHash([1; 20]), ..expected };
        assert_eq!(other.check(info.raw().clone()), Err(TorrentError::OtherTorrent));
        let longer = Expected { size: SIZE + 1, ..expected };
        let error = TorrentError::OtherSize { expected: SIZE + 1, found: SIZE };
        assert_eq!(longer.check(info.raw().clone()), Err(error));
        let rubbish = expected.check(Bytes::from_static(b"not a torrent"));
        assert!(matches!(rubbish, Err(TorrentError::Unreadable(_))));
    }

    #[test]
    fn a_folder_is_refused() {
        let raw = "d5:filesld6:lengthi1e4:pathl1:aeed6:lengthi2e4:pathl1:beee4:name1:x12:piece lengthi16384e\
                   6:pieces20:00000000000000000000e";
        let raw = Bytes::from_static(raw.as_bytes());
        let info_hash = Info::parse(raw.clone()).unwrap().info_hash();
        let expected = Expected { name: "x", size: 3, info_hash };
        assert_eq!(expected.check(raw), Err(TorrentError::Folder { files: 2 }));
    }
}
