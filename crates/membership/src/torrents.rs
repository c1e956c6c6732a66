//! The torrents of a group's files: the right one of each, and a member's own for their ordinary BitTorrent client.

use std::fmt;

use bytes::Bytes;
use metainfo::{Expected, Info, InfoError, Metainfo};
use wire_protocol::control::{FileCard, Passkey, Torrent};

/// The info dictionary of this card, and of no other file: people agreed to its name and size.
///
/// # Errors
/// [`InfoError`]: the fault of whoever shares it, or of the tracker.
pub fn info_of(card: &FileCard, torrent: &Torrent, raw: Bytes) -> Result<Info, InfoError> {
    let Torrent { info_hash, pieces, .. } = *torrent;
    Expected { info_hash, name: &card.name, total_len: card.size, pieces }.parse(raw)
}

/// A `.torrent` file by which an ordinary BitTorrent client announces as the member whose passkey is in it: as secret as a
/// password.
#[derive(Clone, PartialEq, Eq)]
pub struct PersonalTorrent {
    info: Info,
    announce: String,
}

impl PersonalTorrent {
    /// `server`: `https://share.example`, with the path below which it is reached if it has one. The info dictionary stays
    /// as it is: whether the torrent is private is part of the info-hash.
    pub fn new(info: Info, server: &str, passkey: Passkey) -> Self {
        let announce = format!("{}/announce/{}", server.trim_end_matches('/'), passkey.in_url());
        Self { info, announce }
    }

    /// The file's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let trackers = vec![vec![self.announce.clone()]];
        Metainfo { trackers, ..Metainfo::from(self.info.clone()) }.encode()
    }

    /// What one is called: `movie.mp4.torrent`.
    pub fn file_name(info: &Info) -> String {
        format!("{}.torrent", info.name())
    }
}

/// Without the passkey.
impl fmt::Debug for PersonalTorrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PersonalTorrent({})", self.info.info_hash())
    }
}

#[cfg(test)]
mod tests {
    use metainfo::InfoBuilder;
    use wire_protocol::ids::{FileId, InfoHash, MemberKey};

    use super::*;

    const LEN: u64 = 20_000;

    fn info(is_private: bool) -> Info {
        let mut builder = InfoBuilder::new("movie.mp4", LEN, Some(16 * 1024)).unwrap().private(is_private);
        (0..2).for_each(|piece| builder.set_digest(piece, [7; 20]));
        builder.finish().unwrap()
    }

    fn card() -> FileCard {
        let (file, added_by) = (FileId([1; 16]), MemberKey([2; 32]));
        FileCard { file, name: "movie.mp4".to_owned(), size: LEN, added_by, added_at_ms: 0, torrent: None }
    }

    #[test]
    fn a_members_own_torrent_is_the_groups_with_an_address_of_its_own() {
        for (is_private, server) in [(true, "https://share.example/covey"), (false, "https://share.example/covey/")] {
            let info = info(is_private);
            let torrent = PersonalTorrent::new(info.clone(), server, Passkey([0xab; 16]));
            let read = Metainfo::parse(&torrent.encode()).unwrap();
            assert_eq!((read.info.raw(), read.info.is_private()), (info.raw(), is_private));
            let announce = format!("https://share.example/covey/announce/{}", "ab".repeat(16));
            assert_eq!(read.trackers, [[announce]]);
            assert_eq!(PersonalTorrent::file_name(&info), "movie.mp4.torrent");
        }
    }

    #[test]
    fn the_passkey_is_not_shown_by_accident() {
        let torrent = PersonalTorrent::new(info(true), "https://share.example", Passkey([0xab; 16]));
        assert!(!format!("{torrent:?}").contains("abab"), "{torrent:?}");
    }

    #[test]
    fn the_torrent_of_another_file_is_refused() {
        let info = info(true);
        let torrent = Torrent { info_hash: info.info_hash(), pieces: 2, info_len: info.raw().len() as u32 };
        assert_eq!(info_of(&card(), &torrent, info.raw().clone()).unwrap(), info);
        let longer = FileCard { size: LEN + 1, ..card() };
        assert!(info_of(&longer, &torrent, info.raw().clone()).is_err());
        let other = Torrent { info_hash: InfoHash([0; 20]), ..torrent };
        assert!(info_of(&card(), &other, info.raw().clone()).is_err());
    }
}
