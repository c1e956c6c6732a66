//! A real native-peer, asked for JSON.

use std::ffi::OsStr;
use std::net::SocketAddrV4;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use serde_json::Value;
use tokio::process::Command;

use crate::policy;
use crate::process::{Process, Stream};
use crate::stage::Stage;
use crate::wait::{SOON, TRANSFER};

/// Runs until it is dropped, killed or done.
pub struct NativePeer {
    process: Process,
}

impl NativePeer {
    /// Starts native-peer as the person `who`, with a data folder of their own.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start(stage: &Stage, who: &str, arguments: &[&OsStr]) -> Result<Self> {
        Self::start_with(stage, who, arguments, &[])
    }

    /// The same, with these in its environment.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_with(stage: &Stage, who: &str, arguments: &[&OsStr], environment: &[(&str, &OsStr)]) -> Result<Self> {
        Self::start_as(Command::new(&stage.programs().native_peer), stage, who, arguments, environment)
    }

    /// The same, on a machine that knows other names: `hosts` stands for `/etc/hosts`. Takes root.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn start_knowing(stage: &Stage, who: &str, hosts: &Path, arguments: &[&OsStr]) -> Result<Self> {
        let mut command = Command::new("unshare");
        command.args(["--mount", "sh", "-c", "mount --bind \"$0\" /etc/hosts && exec \"$@\""]).arg(hosts);
        command.arg(&stage.programs().native_peer);
        Self::start_as(command, stage, who, arguments, &[])
    }

    fn start_as(
        mut command: Command,
        stage: &Stage,
        who: &str,
        arguments: &[&OsStr],
        environment: &[(&str, &OsStr)],
    ) -> Result<Self> {
        command
            .args(arguments)
            .arg("--data")
            .arg(stage.subfolder(&format!("{who}-data"))?)
            .args(["--name", who, "--json", "--verbose"])
            .envs(environment.iter().copied())
            .current_dir(stage.folder());
        if !arguments.contains(&OsStr::new("--listen")) {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        if let Some(policy) = policy::from_environment() {
            // `--policy` prevails where a test has it.
            command.env("NATIVE_PEER_POLICY", policy);
        }
        Ok(Self { process: stage.start(who, command)? })
    }

    /// Shares a file; `more` are further arguments.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn share(stage: &Stage, who: &str, file: &Path, server: &str, more: &[&str]) -> Result<Self> {
        let mut arguments = vec![OsStr::new("share"), file.as_os_str(), OsStr::new("--server"), OsStr::new(server)];
        arguments.extend(more.iter().map(OsStr::new));
        Self::start(stage, who, &arguments)
    }

    /// Downloads into `folder`; `more` are further arguments.
    ///
    /// # Errors
    /// If it cannot be started.
    pub fn download(stage: &Stage, who: &str, invite: &str, folder: &Path, more: &[&str]) -> Result<Self> {
        let mut arguments =
            vec![OsStr::new("download"), OsStr::new(invite), OsStr::new("--output"), folder.as_os_str()];
        arguments.extend(more.iter().map(OsStr::new));
        Self::start(stage, who, &arguments)
    }

    /// Serves what a torrent file describes to whoever dials `listen`, once it has checked it; `more` are further
    /// arguments. It meets nobody on the local network or in the DHT.
    ///
    /// # Errors
    /// If it cannot be started, or does not serve.
    pub async fn seed(
        stage: &Stage,
        who: &str,
        (torrent, path): (&Path, &Path),
        listen: SocketAddrV4,
        more: &[&str],
    ) -> Result<Self> {
        let listen = listen.to_string();
        let mut arguments = vec![OsStr::new("seed"), torrent.as_os_str(), path.as_os_str()];
        arguments.extend(["--listen", &listen, "--no-dht", "--no-lan"].map(OsStr::new));
        arguments.extend(more.iter().map(OsStr::new));
        let seeder = Self::start(stage, who, &arguments)?;
        seeder.ready().await?;
        Ok(seeder)
    }

    /// Waits for the invite.
    ///
    /// # Errors
    /// If none is printed.
    pub async fn invite(&self) -> Result<String> {
        let event = self.event("invite", SOON, |_| true).await?;
        Ok(event["link"].as_str().context("an invite event without a link")?.to_owned())
    }

    /// Waits until the file is hashed and published.
    ///
    /// # Errors
    /// If it does not happen.
    pub async fn ready(&self) -> Result<Value> {
        self.event("ready", TRANSFER, |_| true).await
    }

    /// Waits until the download is complete.
    ///
    /// # Errors
    /// If it does not happen.
    pub async fn done(&self) -> Result<Value> {
        self.event("done", TRANSFER, |_| true).await
    }

    /// Waits for a JSON line `{"t": kind, …}` that `is_it` accepts, from the beginning on.
    ///
    /// # Errors
    /// If none comes.
    pub async fn event(&self, kind: &str, within: Duration, mut is_it: impl FnMut(&Value) -> bool) -> Result<Value> {
        let what = format!("a `{kind}` event");
        self.process
            .line(&what, within, |stream, line| {
                let event = parse(stream, line)?;
                (event["t"] == kind && is_it(&event)).then_some(event)
            })
            .await
    }

    /// Ends with this code, and an `error` event that carries it; returns what a person reads: what
    /// happened and what to do.
    ///
    /// # Errors
    /// If it ends otherwise.
    pub async fn fails_with(&mut self, code: i32) -> Result<String> {
        let status = self.process.exit(SOON).await?;
        let event = self.event("error", SOON, |_| true).await;
        ensure!(status.code() == Some(code), "ended with {status}, not with exit code {code}; {event:?}");
        let event = event?;
        ensure!(event["exit"] == code, "the error event names another exit code: {event}");
        let message = event["message"].as_str().context("an error event without a message")?;
        let advice = event["advice"].as_str().context("an error event without advice")?;
        Ok(format!("{message}. {advice}"))
    }

    /// Waits for a successful end.
    ///
    /// # Errors
    /// If it ends otherwise, or not.
    pub async fn succeeds(&mut self) -> Result<()> {
        let status = self.process.exit(TRANSFER).await?;
        ensure!(status.success(), "ended with {status}");
        Ok(())
    }

    /// SIGKILL.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.process.kill().await
    }

    /// Ctrl-C.
    ///
    /// # Errors
    /// If it does not end.
    pub async fn interrupt(&mut self) -> Result<ExitStatus> {
        self.process.interrupt().await
    }

    pub fn process_mut(&mut self) -> &mut Process {
        &mut self.process
    }

    pub fn process(&self) -> &Process {
        &self.process
    }
}

fn parse(stream: Stream, line: &str) -> Option<Value> {
    if stream != Stream::Stdout {
        return None;
    }
    serde_json::from_str(line).ok()
}
