//! Whom invites that ask first have named, until this person has the group's key: it is taken from nobody else, also
//! by a program that is started after the request. One file for each group.

use std::fs;
use std::path::PathBuf;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use wire_protocol::control::Origin;
use wire_protocol::ids::{GroupId, MemberKey};

use crate::identity::{DataDir, write_atomically};

const FOLDER: &str = "named-admins";
/// Files that are looked at; a person waits for fewer answers.
const FILES_MAX: usize = 1024;

/// The folder of them, for one server.
#[derive(Debug)]
pub struct NamedAdmins {
    folder: PathBuf,
    origin: String,
}

impl NamedAdmins {
    /// In the data folder.
    pub fn open(data: &DataDir, origin: &Origin) -> Self {
        Self { folder: data.join(FOLDER), origin: origin.to_string() }
    }

    /// All that is kept.
    pub fn all(&self) -> Vec<(GroupId, Vec<MemberKey>)> {
        let files = fs::read_dir(&self.folder).into_iter().flatten().flatten().take(FILES_MAX);
        files.filter_map(|file| self.read(&fs::read(file.path()).ok()?)).collect()
    }

    /// Keeps those of a group in place of earlier ones; without any, forgets them.
    pub fn keep(&self, group: GroupId, admins: &[MemberKey]) {
        let path = self.folder.join(format!("{group}.json"));
        if admins.is_empty() {
            let _ = fs::remove_file(path);
            return;
        }
        let admins: Vec<String> = admins.iter().map(|admin| HEXLOWER.encode(&admin.0)).collect();
        let entry = json!({"server": self.origin, "group": group.to_string(), "admins": admins});
        let written =
            fs::create_dir_all(&self.folder).and_then(|()| write_atomically(&path, entry.to_string().as_bytes()));
        if let Err(error) = written {
            tracing::warn!(%error, "cannot keep whom the invite named");
        }
    }

    fn read(&self, bytes: &[u8]) -> Option<(GroupId, Vec<MemberKey>)> {
        let entry: Value = serde_json::from_slice(bytes).ok()?;
        if entry["server"].as_str()? != self.origin {
            return None;
        }
        let key = |admin: &Value| Some(MemberKey(HEXLOWER.decode(admin.as_str()?.as_bytes()).ok()?.try_into().ok()?));
        let admins: Vec<MemberKey> = entry["admins"].as_array()?.iter().map(key).collect::<Option<_>>()?;
        Some((entry["group"].as_str()?.parse().ok()?, admins))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GROUP: GroupId = GroupId([1; 16]);

    #[test]
    fn whom_an_invite_named_is_kept_for_its_server_until_nobody_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(Some(folder.path())).unwrap();
        let open = |origin: &str| NamedAdmins::open(&data, &origin.parse().unwrap());
        let admins = vec![MemberKey([2; 32]), MemberKey([3; 32])];
        let here = open("https://share.example");
        here.keep(GROUP, &admins);
        assert_eq!(open("https://share.example").all(), [(GROUP, admins)]);
        assert_eq!(open("https://other.example").all(), []);
        here.keep(GROUP, &[]);
        assert_eq!(here.all(), []);
    }

    #[test]
    fn a_damaged_file_names_nobody() {
        let folder = tempfile::tempdir().unwrap();
        let here =
            NamedAdmins::open(&DataDir::open(Some(folder.path())).unwrap(), &"https://share.example".parse().unwrap());
        here.keep(GROUP, &[MemberKey([2; 32])]);
        let path = here.folder.join(format!("{GROUP}.json"));
        let whole = fs::read(&path).unwrap();
        fs::write(&path, &whole[..whole.len() / 2]).unwrap();
        assert_eq!(here.all(), []);
        fs::write(&path, String::from_utf8(whole).unwrap().replacen("02", "x2", 1)).unwrap();
        assert_eq!(here.all(), []);
    }
}
