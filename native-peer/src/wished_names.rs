//! Names that the person wants to have at servers, until those have them: a program that ends before the answer leaves
//! the wish to the next one. One file, by server.

use std::fs;
use std::path::PathBuf;

use serde_json::{Map, Value};
use wire_protocol::control::Origin;

use crate::identity::{DataDir, write_atomically};

const FILE: &str = "wished-names.json";

/// The wish for one server.
#[derive(Debug)]
pub struct WishedName {
    path: PathBuf,
    origin: String,
}

impl WishedName {
    /// In the data folder.
    pub fn open(data: &DataDir, origin: &Origin) -> Self {
        Self { path: data.join(FILE), origin: origin.to_string() }
    }

    /// What is wished, if anything is.
    pub fn get(&self) -> Option<String> {
        Some(self.read().get(&self.origin)?.as_str()?.to_owned())
    }

    /// The person wants this one, in place of another that they wanted before.
    pub fn put(&self, name: &str) {
        let mut wishes = self.read();
        wishes.insert(self.origin.clone(), name.into());
        self.write(&wishes);
    }

    /// The server has it, or will not have it. What was wished since then stays.
    pub fn forget(&self, name: &str) {
        let mut wishes = self.read();
        if wishes.get(&self.origin).is_some_and(|wished| wished == name) {
            wishes.remove(&self.origin);
            self.write(&wishes);
        }
    }

    fn read(&self) -> Map<String, Value> {
        fs::read(&self.path).ok().and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
    }

    fn write(&self, wishes: &Map<String, Value>) {
        let bytes = Value::Object(wishes.clone()).to_string();
        if let Err(error) = write_atomically(&self.path, bytes.as_bytes()) {
            tracing::warn!(%error, "cannot keep the wish for another name");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_is_kept_for_its_server_until_it_is_fulfilled() {
        let folder = tempfile::tempdir().unwrap();
        let data = DataDir::open(Some(folder.path())).unwrap();
        let open = |origin: &str| WishedName::open(&data, &origin.parse().unwrap());
        let (here, there) = (open("https://share.example"), open("https://other.example"));
        here.put("Ana");
        there.put("Bo");
        here.forget("Cleo");
        assert_eq!((here.get(), there.get()), (Some("Ana".to_owned()), Some("Bo".to_owned())));
        here.forget("Ana");
        assert_eq!((here.get(), there.get()), (None, Some("Bo".to_owned())));
        fs::write(folder.path().join(FILE), "nonsense").unwrap();
        assert_eq!(there.get(), None);
    }
}
