//! What was typed.

use anyhow::{Context, Result, bail};

/// Of `cargo xtask bench`.
pub struct Options {
    /// JSON instead of a table.
    pub json: bool,
    /// Bytes that the browser downloads.
    pub browser_len: u64,
    /// Bytes that native-peer downloads, and hashes.
    pub native_len: u64,
    /// The median of so many is reported.
    pub rounds: usize,
}

impl Options {
    /// Reads the arguments.
    pub fn parse(mut typed: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { json: false, browser_len: 757_071_872, native_len: 1 << 30, rounds: 3 };
        while let Some(word) = typed.next() {
            match word.as_str() {
                "--json" => options.json = true,
                "--quick" => {
                    options.browser_len = 128 << 20;
                    options.native_len = 256 << 20;
                    options.rounds = 1;
                }
                "--size" => {
                    let size = typed.next().context("--size needs a number of bytes")?;
                    let size = size.parse().with_context(|| format!("`{size}` is not a number of bytes"))?;
                    options.browser_len = size;
                    options.native_len = size;
                }
                unknown => bail!("bench has no `{unknown}`; it has --quick, --json and --size BYTES"),
            }
        }
        Ok(options)
    }
}
