//! A real tracker-relay.

use std::net::SocketAddr;
use std::path::PathBuf;

use anyhow::{Context, Result};
use tokio::process::Command;

use crate::process::{Process, Stream};
use crate::stage::Stage;
use crate::wait::SOON;

/// Runs until it is dropped or killed; can be started again at the same address with the same data.
pub struct Tracker {
    process: Process,
    address: SocketAddr,
    data: PathBuf,
    options: Vec<String>,
}

impl Tracker {
    /// Starts one at a free port.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn start(stage: &Stage) -> Result<Self> {
        Self::start_with(stage, &[]).await
    }

    /// The same, with these options.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn start_with(stage: &Stage, options: &[&str]) -> Result<Self> {
        Self::start_at(stage, SocketAddr::from(([127, 0, 0, 1], 0)), options).await
    }

    /// The same, at this address.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn start_at(stage: &Stage, listen: SocketAddr, options: &[&str]) -> Result<Self> {
        let data = stage.subfolder("tracker-relay")?;
        let options: Vec<_> = options.iter().map(|option| (*option).to_owned()).collect();
        let (process, address) = launch(stage, listen, &data, &options).await?;
        Ok(Self { process, address, data, options })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        url_of(self.address)
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// Starts it again where it was.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn start_again(&mut self, stage: &Stage) -> Result<()> {
        (self.process, self.address) = launch(stage, self.address, &self.data, &self.options).await?;
        Ok(())
    }

    /// Throws away all that it knows. Only while it does not run.
    ///
    /// # Errors
    /// If its folder cannot be emptied.
    pub fn forget_everything(&self) -> Result<()> {
        std::fs::remove_dir_all(&self.data)?;
        Ok(std::fs::create_dir(&self.data)?)
    }

    /// Its folder.
    pub fn data(&self) -> &std::path::Path {
        &self.data
    }

    pub fn process(&mut self) -> &mut Process {
        &mut self.process
    }
}

/// The URL of a server at this address.
pub fn url_of(address: SocketAddr) -> String {
    format!("http://{address}")
}

async fn launch(
    stage: &Stage,
    listen: SocketAddr,
    data: &PathBuf,
    options: &[String],
) -> Result<(Process, SocketAddr)> {
    let mut command = Command::new(&stage.programs().tracker_relay);
    command.args(["--listen", &listen.to_string(), "--data"]).arg(data).args(options);
    if !options.iter().any(|option| option == "--page") {
        command.arg("--page").arg(&stage.programs().page);
    }
    let process = stage.start("tracker-relay", command)?;
    let url = process
        .line("the ready line", SOON, |stream, line| {
            let url = line.strip_prefix("listening on ")?.split_once("://")?.1;
            (stream == Stream::Stdout).then(|| url.trim().to_owned())
        })
        .await?;
    let address = url.parse().with_context(|| format!("`{url}` is not an address"))?;
    Ok((process, address))
}
