//! The server that is killed and started again.

use std::net::SocketAddr;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use tokio::process::Command;
use tokio::sync::watch;

use crate::process::{Process, Stream};
use crate::tracker::url_of;
use crate::wait::SOON;

const SIGKILL: i32 = 9;

/// What everybody may know of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Status {
    pub is_up: bool,
    /// How often it was started.
    pub starts: u64,
}

/// One data folder and one address; a process now and then.
pub struct Server {
    program: PathBuf,
    data: PathBuf,
    address: SocketAddr,
    process: Option<Process>,
    status: watch::Sender<Status>,
    /// What its clock shows beyond this machine's, seconds.
    pub clock_offset: i64,
}

impl Server {
    /// Starts it at a free port.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn start(program: PathBuf, data: PathBuf) -> Result<Self> {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let status = watch::Sender::default();
        let mut server = Self { program, data, address, process: None, status, clock_offset: 0 };
        server.launch()?;
        server.ready().await?;
        Ok(server)
    }

    /// `http://127.0.0.1:PORT`
    pub fn url(&self) -> String {
        url_of(self.address)
    }

    /// The file that it keeps everything in.
    pub fn database(&self) -> PathBuf {
        self.data.join("covey.db")
    }

    /// Says when it comes and goes.
    pub fn watch(&self) -> watch::Receiver<Status> {
        self.status.subscribe()
    }

    /// Starts the process and waits for nothing.
    ///
    /// # Errors
    /// If there is no such program.
    pub fn launch(&mut self) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(["--listen", &self.address.to_string(), "--data"]).arg(&self.data);
        command.arg(format!("--clock-offset={}", self.clock_offset)).env("RUST_LOG", "warn");
        self.process = Some(Process::start("tracker-relay", command)?);
        self.status.send_modify(|status| status.starts += 1);
        Ok(())
    }

    /// Waits until it serves.
    ///
    /// # Errors
    /// If it ends instead.
    pub async fn ready(&mut self) -> Result<()> {
        let process = self.process.as_ref().context("the server was not launched")?;
        let ready = |stream, line: &str| {
            let url = line.strip_prefix("listening on http://")?;
            (stream == Stream::Stdout).then(|| url.trim().to_owned())
        };
        let address = process.line("the ready line", SOON, ready).await?;
        self.address = address.parse().with_context(|| format!("`{address}` is not an address"))?;
        self.status.send_modify(|status| status.is_up = true);
        Ok(())
    }

    /// SIGKILL. It must have run until then, without a panic.
    ///
    /// # Errors
    /// If it had ended by itself.
    pub async fn kill(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server does not run")?;
        process.kill().await?;
        self.status.send_modify(|status| status.is_up = false);
        let status = process.exit(SOON).await?;
        let said = process.transcript().text();
        ensure!(status.signal() == Some(SIGKILL), "the server ended by itself ({status}):\n{said}");
        ensure!(!said.contains("panicked"), "the server panicked:\n{said}");
        Ok(())
    }

    /// Waits for an end of its own, which is an error's.
    ///
    /// # Errors
    /// If it does not end, or ends well.
    pub async fn fails(&mut self) -> Result<()> {
        let mut process = self.process.take().context("the server was not launched")?;
        let status = process.exit(SOON).await?;
        let said = process.transcript().text();
        ensure!(status.code() == Some(1) && said.contains("error: "), "not a plain error ({status}):\n{said}");
        Ok(())
    }

    /// What the process that runs now has said.
    pub fn said(&self) -> String {
        self.process.as_ref().map(|process| process.transcript().text()).unwrap_or_default()
    }

    /// Unix milliseconds by its clock.
    pub fn now_ms(&self) -> u64 {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        (since.as_millis() as u64).saturating_add_signed(self.clock_offset * 1000)
    }
}
