//! The server under load and the bare one beside it, each a process of its own.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use covey_tests::Process;
use covey_tests::process::Stream;
use covey_tests::wait::SOON;
use tempfile::TempDir;
use tokio::process::Command;

use super::observed::Observed;

/// What `cargo xtask bench --server` built, and where their data go.
pub struct Servers {
    tracker_relay: PathBuf,
    bare_server: PathBuf,
    folder: TempDir,
}

impl Servers {
    /// From `COVEY_TRACKER_RELAY` and `COVEY_BARE_SERVER`.
    pub fn find() -> Result<Self> {
        let path = |name: &str| {
            let path = std::env::var_os(name).map(PathBuf::from);
            path.with_context(|| format!("{name} is not set: use `cargo xtask bench --server`"))
        };
        // In memory where there is such a place: disks are not what is measured.
        let shared_memory = Path::new("/dev/shm");
        let parent = if shared_memory.is_dir() { shared_memory.to_owned() } else { std::env::temp_dir() };
        let folder = tempfile::Builder::new().prefix("covey-load-").tempdir_in(parent)?;
        Ok(Self { tracker_relay: path("COVEY_TRACKER_RELAY")?, bare_server: path("COVEY_BARE_SERVER")?, folder })
    }

    /// A tracker-relay with the data of that name, which is new unless another had it.
    pub async fn covey(&self, name: &str) -> Result<Observed> {
        self.covey_at(name, "127.0.0.1:0").await
    }

    /// The same, where another was before.
    pub async fn covey_at(&self, name: &str, address: &str) -> Result<Observed> {
        let mut command = Command::new(&self.tracker_relay);
        command.args(["--listen", address, "--data"]).arg(self.folder.path().join(name));
        start("tracker-relay", command).await
    }

    /// A bare server.
    pub async fn bare(&self) -> Result<Observed> {
        start("bare_server", Command::new(&self.bare_server)).await
    }
}

async fn start(name: &str, command: Command) -> Result<Observed> {
    let process = Process::start(name, command)?;
    let ready = |stream, line: &str| {
        let address = line.strip_prefix("listening on ")?.trim();
        let host = address.strip_prefix("http://").unwrap_or(address);
        (stream == Stream::Stdout).then(|| host.to_owned())
    };
    let host = process.line("the ready line", SOON, ready).await?;
    Ok(Observed { process, host })
}
