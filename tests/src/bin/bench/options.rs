//! What was typed.

use anyhow::{Context, Result, bail};

use crate::report::Aim;

/// Of `cargo xtask bench`.
pub struct Options {
    /// The server under load, instead of downloads.
    pub server: bool,
    /// native-peer as an ordinary client and as a bridge, beside other clients.
    pub native: bool,
    /// A tab, beside another commit's and beside yardsticks in the same browser.
    pub browser: bool,
    /// Less of everything.
    pub quick: bool,
    /// JSON instead of a table.
    pub json: bool,
    /// Bytes that the browser downloads.
    pub browser_len: u64,
    /// Bytes that native-peer downloads, and hashes.
    pub native_len: u64,
    /// The median of so many is reported.
    pub rounds: usize,
    /// What encryption costs: this build beside itself with encryption switched off.
    pub encryption: bool,
    /// Only measurements whose name contains this.
    pub only: Option<String>,
}

impl Options {
    /// Reads the arguments.
    pub fn parse(mut typed: impl Iterator<Item = String>) -> Result<Self> {
        let mut options = Self {
            server: false,
            native: false,
            browser: false,
            quick: false,
            json: false,
            browser_len: 757_071_872,
            native_len: 1 << 30,
            rounds: 3,
            encryption: false,
            only: None,
        };
        while let Some(word) = typed.next() {
            match word.as_str() {
                "--json" => options.json = true,
                "--server" => options.server = true,
                "--native" => options.native = true,
                "--browser" => options.browser = true,
                "--encryption" => options.encryption = true,
                "--quick" => {
                    options.quick = true;
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
                    "bench has no `{unknown}`; it has --server, --native, --browser, --quick, --json, --size BYTES, --rounds N, --only NAME, \
                     --encryption and --against COMMIT"
                ),
            }
        }
        Ok(options)
    }

    /// What this build's rate is to be of the other's.
    pub fn rate_aim(&self, encrypted: f64) -> Aim {
        Aim::AtLeast(if self.encryption { encrypted } else { 1.0 })
    }

    /// What this build's processor time is to be of the other's.
    pub fn time_aim(&self) -> Aim {
        if self.encryption { Aim::Open } else { Aim::AtMost(1.0) }
    }

    /// Whether a measurement of this name was asked for.
    pub fn wants(&self, name: &str) -> bool {
        let is_meant = !self.encryption || matches!(name, "native" | "block" | "browser");
        is_meant && self.only.as_deref().is_none_or(|only| name.contains(only))
    }
}
