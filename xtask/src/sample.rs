//! A file to share when nobody names one.

use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Bytes.
const SAMPLE_LEN: u64 = 64 * 1024 * 1024;
const LINE_LEN: u64 = 64;

/// Numbered lines of text: whoever opens the download sees at once that it is whole and in order.
pub fn sample_file(folder: &Path) -> Result<PathBuf> {
    let path = folder.join("covey-sample.txt");
    if fs::metadata(&path).is_ok_and(|found| found.len() == SAMPLE_LEN) {
        return Ok(path);
    }
    write(&path).with_context(|| format!("cannot write the sample file {}", path.display()))?;
    Ok(path)
}

fn write(path: &Path) -> std::io::Result<()> {
    let mut file = BufWriter::with_capacity(1 << 20, File::create(path)?);
    let lines = SAMPLE_LEN / LINE_LEN;
    for number in 1..=lines {
        let line = format!("Covey sample file, line {number:>7} of {lines}");
        writeln!(file, "{line:<width$}", width = LINE_LEN as usize - 1)?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_is_numbered_lines_of_the_full_length() {
        let folder = std::env::temp_dir().join(format!("covey-sample-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let text = fs::read_to_string(sample_file(&folder).unwrap()).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_eq!(text.len() as u64, SAMPLE_LEN);
        assert_eq!(text.lines().last().unwrap().trim_end(), "Covey sample file, line 1048576 of 1048576");
        assert!(text.lines().all(|line| line.len() as u64 == LINE_LEN - 1));
    }
}
