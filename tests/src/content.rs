//! Files to share: any length, never two equal pieces, the same for the same seed.

use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, ensure};

/// One MiB.
pub const MIB: u64 = 1024 * 1024;

const CHUNK_LEN: usize = 1024 * 1024;

/// Writes `len` bytes that follow from `seed`.
///
/// # Errors
/// If the disk does not take them.
pub fn write(path: &Path, len: u64, seed: u64) -> Result<()> {
    let mut random = fastrand::Rng::with_seed(seed);
    let mut file = BufWriter::with_capacity(CHUNK_LEN, File::create(path)?);
    let mut left = len;
    let mut chunk = vec![0; CHUNK_LEN];
    while left > 0 {
        let part = left.min(CHUNK_LEN as u64) as usize;
        random.fill(&mut chunk[..part]);
        file.write_all(&chunk[..part])?;
        left -= part as u64;
    }
    file.flush().with_context(|| format!("cannot write {}", path.display()))
}

/// Compares two files byte for byte.
///
/// # Errors
/// The first place where they differ.
pub fn ensure_equal(got: &Path, wanted: &Path) -> Result<()> {
    let open = |path: &Path| File::open(path).with_context(|| format!("cannot open {}", path.display()));
    let (got_file, wanted_file) = (open(got)?, open(wanted)?);
    let (got_len, wanted_len) = (got_file.metadata()?.len(), wanted_file.metadata()?.len());
    ensure!(got_len == wanted_len, "{} has {got_len} bytes, not {wanted_len}", got.display());
    let mut got_reader = BufReader::with_capacity(CHUNK_LEN, got_file);
    let mut wanted_reader = BufReader::with_capacity(CHUNK_LEN, wanted_file);
    let (mut a, mut b) = (vec![0; CHUNK_LEN], vec![0; CHUNK_LEN]);
    let mut offset = 0;
    while offset < wanted_len {
        let part = (wanted_len - offset).min(CHUNK_LEN as u64) as usize;
        got_reader.read_exact(&mut a[..part])?;
        wanted_reader.read_exact(&mut b[..part])?;
        if let Some(at) = a[..part].iter().zip(&b[..part]).position(|(a, b)| a != b) {
            anyhow::bail!("{} differs from {} at byte {}", got.display(), wanted.display(), offset + at as u64);
        }
        offset += part as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_wrong_byte_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let (a, b) = (folder.path().join("a"), folder.path().join("b"));
        write(&a, 3 * MIB + 5, 7).unwrap();
        write(&b, 3 * MIB + 5, 7).unwrap();
        ensure_equal(&a, &b).unwrap();
        let mut bytes = std::fs::read(&b).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        std::fs::write(&b, bytes).unwrap();
        let difference = ensure_equal(&b, &a).unwrap_err().to_string();
        assert!(difference.ends_with("at byte 3145732"), "{difference}");
    }
}
