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
    /// Only measurements whose name contains this.
    pub only: Option<String>,
}

impl Options {
    /// Reads the arguments.
    pub fn parse(mut typed: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self { json: false, browser_len: 757_071_872, native_len: 1 << 30, rounds: 3, only: None };
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
                "--rounds" => {
                    let rounds = typed.next().context("--rounds needs a number")?;
                    let number = rounds.parse().ok().filter(|number| *number > 0);
                    options.rounds = number.with_context(|| format!("`{rounds}` is not a number of rounds"))?;
                }
                "--only" => options.only = Some(typed.next().context("--only needs a name, e.g. native")?),
                unknown => bail!(
                    "bench has no `{unknown}`; it has --quick, --json, --size BYTES, --rounds N, --only NAME and \
                     --against COMMIT"
                ),
            }
        }
        Ok(options)
    }

    /// Whether a measurement of this name was asked for.
    pub fn wants(&self, name: &str) -> bool {
        self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}
