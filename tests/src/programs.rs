//! Where the programs under test are.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};

/// Built by `cargo xtask test` (or `bench`), which passes their paths.
#[derive(Debug, Clone)]
pub struct Programs {
    /// The server.
    pub tracker_relay: PathBuf,
    /// The command line peer.
    pub native_peer: PathBuf,
    /// The built page.
    pub page: PathBuf,
    /// Where screenshots of failures go.
    pub failures: PathBuf,
}

impl Programs {
    /// From `COVEY_TRACKER_RELAY`, `COVEY_NATIVE_PEER`, `COVEY_PAGE_DIR` and `COVEY_FAILURES_DIR`.
    ///
    /// # Errors
    /// If one of them is missing or not there.
    pub fn find() -> Result<Self> {
        let programs = Self {
            tracker_relay: path_from("COVEY_TRACKER_RELAY")?,
            native_peer: path_from("COVEY_NATIVE_PEER")?,
            page: path_from("COVEY_PAGE_DIR")?,
            failures: std::env::var_os("COVEY_FAILURES_DIR")
                .map_or_else(|| std::env::temp_dir().join("covey-e2e-failures"), PathBuf::from),
        };
        ensure!(programs.page.join("index.html").is_file(), "{} holds no page", programs.page.display());
        Ok(programs)
    }

    /// An example of one of the crates, from the folder `COVEY_EXAMPLES_DIR`.
    ///
    /// # Errors
    /// If it is not there.
    pub fn example(&self, name: &str) -> Result<PathBuf> {
        let program = path_from("COVEY_EXAMPLES_DIR")?.join(name);
        ensure!(program.is_file(), "{} is not there", program.display());
        Ok(program)
    }
}

/// What drives Firefox, from `COVEY_GECKODRIVER`.
///
/// # Errors
/// If it is not there.
pub fn geckodriver() -> Result<PathBuf> {
    path_from("COVEY_GECKODRIVER")
}

fn path_from(name: &str) -> Result<PathBuf> {
    let path = std::env::var_os(name).with_context(|| {
        format!("{name} is not set: run these tests with `cargo xtask test --e2e`, which builds the programs first")
    })?;
    let path = PathBuf::from(path);
    ensure!(path.exists(), "{name} is {}, which is not there: run `cargo xtask test --e2e`", path.display());
    Ok(path)
}
