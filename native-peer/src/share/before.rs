//! What was shared from where, without a group's name: sharing the same again brings the same link to life.
//! One file for each place.

use std::fs;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha1::{Digest, Sha1};
use wire_protocol::ids::{GroupId, InfoHash};

use crate::hashing::Fingerprint;
use crate::identity::{DataDir, forget_oldest, write_atomically};

const FOLDER: &str = "shares";
/// Files kept.
const FILES_MAX: usize = 1000;
/// Contents of one place that are remembered.
const CONTENTS_MAX: usize = 16;

/// What was shared from a place, at one server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharedBefore {
    pub group: GroupId,
    /// What it looked like.
    pub content: Fingerprint,
    /// Bytes.
    pub len: u64,
    /// `None`: its hashing did not come to an end.
    pub info_hash: Option<InfoHash>,
}

impl SharedBefore {
    /// Whether it is this. `info_hash`: if it is known. `None`: only hashing tells.
    pub fn is(&self, content: &Fingerprint, len: u64, info_hash: Option<InfoHash>) -> Option<bool> {
        if self.content == *content {
            return Some(true);
        }
        match (self.info_hash, info_hash) {
            _ if self.len != len => Some(false),
            (None, _) => Some(false),
            (Some(before), Some(now)) => Some(before == now),
            (Some(_), None) => None,
        }
    }
}

/// The file about one place. Every failure means "not shared before".
#[derive(Debug)]
pub struct Shelf {
    folder: PathBuf,
    file: PathBuf,
}

impl Shelf {
    /// `None`: the place has no name that could be remembered.
    pub fn open(data: &DataDir, origin: &str, place: &std::path::Path) -> Option<Self> {
        let place = place.canonicalize().ok()?;
        let key = Sha1::new().chain_update(origin).chain_update([0]).chain_update(place.as_os_str().as_encoded_bytes());
        let folder = data.join(FOLDER);
        Some(Self { file: folder.join(format!("{}.json", HEXLOWER.encode(&key.finalize()))), folder })
    }

    /// The newest first.
    pub fn read(&self) -> Vec<SharedBefore> {
        let entries = fs::read(&self.file).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok());
        let entries: Vec<Value> = entries.unwrap_or_default();
        entries.iter().filter_map(read).take(CONTENTS_MAX).collect()
    }

    /// In place of what is known of the same content, or group.
    pub fn keep(&self, shared: SharedBefore) {
        let mut all = self.read();
        all.retain(|known| known.content != shared.content && known.group != shared.group);
        all.insert(0, shared);
        let entries: Vec<Value> = all.iter().take(CONTENTS_MAX).map(write).collect();
        let written = fs::create_dir_all(&self.folder)
            .and_then(|()| write_atomically(&self.file, Value::from(entries).to_string().as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot remember what is shared");
        }
        forget_oldest(&self.folder, FILES_MAX);
    }
}

fn read(entry: &Value) -> Option<SharedBefore> {
    let bytes = |name: &str| HEXLOWER.decode(entry[name].as_str()?.as_bytes()).ok()?.try_into().ok();
    Some(SharedBefore {
        group: entry["group"].as_str()?.parse().ok()?,
        content: bytes("content")?,
        len: entry["len"].as_u64()?,
        info_hash: bytes("info_hash").map(InfoHash),
    })
}

fn write(shared: &SharedBefore) -> Value {
    json!({
        "group": shared.group.to_string(), "content": HEXLOWER.encode(&shared.content), "len": shared.len,
        "info_hash": shared.info_hash.map(|hash| HEXLOWER.encode(&hash.0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHARED: SharedBefore =
        SharedBefore { group: GroupId([1; 16]), content: [2; 20], len: 7, info_hash: Some(InfoHash([3; 20])) };

    #[test]
    fn what_is_kept_is_read_again_for_the_same_place_and_server() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(Some(folder.path())).unwrap();
        let open = |origin: &str, place: &std::path::Path| Shelf::open(&data, origin, place).unwrap();
        let here = open("https://share.example", folder.path());
        assert_eq!(here.read(), []);
        let other = SharedBefore { group: GroupId([8; 16]), content: [9; 20], info_hash: None, ..SHARED };
        here.keep(SHARED);
        here.keep(other.clone());
        let read = || open("https://share.example", folder.path()).read();
        assert_eq!(read(), [other.clone(), SHARED], "the newest first");
        let hashed = SharedBefore { info_hash: Some(InfoHash([3; 20])), ..other };
        here.keep(hashed.clone());
        assert_eq!(read(), [hashed, SHARED]);
        assert_eq!(open("https://other.example", folder.path()).read(), []);
        assert_eq!(open("https://share.example", &folder.path().join(FOLDER)).read(), []);
        fs::write(&here.file, "[{\"group\": 7}]").unwrap();
        assert_eq!(here.read(), []);
    }

    #[test]
    fn the_same_content_is_told_by_its_looks_or_its_hash() {
        let (other, hash) = ([9; 20], InfoHash([3; 20]));
        assert_eq!(SHARED.is(&[2; 20], 7, None), Some(true));
        assert_eq!(SHARED.is(&other, 8, None), Some(false), "another length");
        assert_eq!(SHARED.is(&other, 7, None), None, "only hashing tells");
        assert_eq!(SHARED.is(&other, 7, Some(hash)), Some(true));
        assert_eq!(SHARED.is(&other, 7, Some(InfoHash([4; 20]))), Some(false));
        let unhashed = SharedBefore { info_hash: None, ..SHARED };
        assert_eq!(unhashed.is(&other, 7, Some(hash)), Some(false));
        assert_eq!(unhashed.is(&[2; 20], 7, None), Some(true), "what was interrupted goes on");
    }
}
