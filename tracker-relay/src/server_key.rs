//! The server's own Ed25519 key: it signs link tokens, and logins are bound to it.

use std::fs;
use std::io;
use std::path::Path;

use anyhow::Context;
use ed25519_dalek::SigningKey;

use crate::{private_file, random};

/// Reads `DIR/server.key`, or makes it on the first start (mode 0600).
///
/// # Errors
/// The file cannot be read or written, is not a key, or cannot be kept from other users of this machine.
pub fn load_or_create(path: &Path) -> anyhow::Result<SigningKey> {
    match fs::read(path) {
        Ok(bytes) => {
            let seed: [u8; 32] = bytes.try_into().map_err(|_| {
                anyhow::anyhow!("{} is damaged: it must hold 32 bytes. Restore it from a backup", path.display())
            })?;
            keep_private(path)?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let seed: [u8; 32] = random::bytes();
            private_file::create(path, &seed).with_context(|| format!("cannot write {}", path.display()))?;
            Ok(SigningKey::from_bytes(&seed))
        }
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

fn keep_private(path: &Path) -> anyhow::Result<()> {
    let was_readable = private_file::tighten(path)
        .with_context(|| format!("others on this machine can read {}: give it the mode 0600", path.display()))?;
    if was_readable {
        tracing::warn!(key = %path.display(), "others on this machine could read the server's key; its mode is 0600 now");
    }
    Ok(())
}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).expect("the file is there").permissions().mode() & 0o777
    }

    #[test]
    fn the_key_stays_the_same_and_others_cannot_read_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        let key = load_or_create(&path).unwrap();
        assert_eq!(mode(&path), 0o600);
        // A backup that was restored without its mode.
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        assert_eq!(load_or_create(&path).unwrap().to_bytes(), key.to_bytes());
        assert_eq!(mode(&path), 0o600);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no temporary file is left");
    }

    #[test]
    fn a_damaged_key_is_an_error_and_stays_where_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("server.key");
        fs::write(&path, b"half a key").unwrap();
        assert!(load_or_create(&path).unwrap_err().to_string().contains("Restore it from a backup"));
        assert_eq!(fs::read(&path).unwrap(), b"half a key");
    }
}
