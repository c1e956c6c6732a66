//! What a page keeps on the browser's own disk.

use anyhow::{Context, Result};
use serde::Deserialize;

use super::Browser;

impl Browser {
    /// Names and lengths of the files that the page keeps on the browser's disk, with the SHA-256 of each in hexadecimal.
    ///
    /// # Errors
    /// If the page has no such place.
    pub async fn files_on_disk(&self) -> Result<Vec<KeptFile>> {
        let files = self.client().execute_async(FILES_ON_DISK, vec![]).await?;
        serde_json::from_value(files.clone()).with_context(|| format!("cannot look at the browser's disk: {files}"))
    }
}

/// A file on the browser's own disk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct KeptFile {
    pub name: String,
    /// Bytes.
    pub len: u64,
    /// In hexadecimal.
    pub sha256: String,
}

const FILES_ON_DISK: &str = r#"
const done = arguments[arguments.length - 1];
const look = async () => {
  const files = [];
  const root = await navigator.storage.getDirectory();
  for await (const folder of root.values()) {
    for await (const entry of folder.values()) {
      const bytes = await (await entry.getFile()).arrayBuffer();
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
      const sha256 = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('');
      files.push({ name: entry.name, len: bytes.byteLength, sha256 });
    }
  }
  return files;
};
look().then(done, (error) => done(String(error)));
"#;
