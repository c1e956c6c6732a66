//! The server's own Ed25519 key: it signs link tokens, and logins are bound to it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::Path;

use anyhow::Context;
use ed25519_dalek::SigningKey;

use crate::random;

/// Reads `DIR/server.key`, or makes it on the first start (mode 0600).
///
/// # Errors
/// The file cannot be read or written, or is not a key.
pub fn load_or_create(path: &Path) -> anyhow::Result<SigningKey> {
    match fs::read(path) {
        Ok(bytes) => {
            let seed: [u8; 32] = bytes.try_into().map_err(|_| {
                anyhow::anyhow!(
                    "{} is damaged: it must hold 32 bytes. Restore it from a backup, or remove it to make a new key",
                    path.display()
                )
            })?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => create(path),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

/// Writes a temporary file first: a crash half way leaves no half key behind.
fn create(path: &Path) -> anyhow::Result<SigningKey> {
    let seed: [u8; 32] = random::bytes();
    let temporary = path.with_extension("key.new");
    write_private(&temporary, &seed)
        .and_then(|()| fs::rename(&temporary, path))
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(SigningKey::from_bytes(&seed))
}

fn write_private(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}
