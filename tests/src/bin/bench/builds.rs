//! The programs of one commit: this one's, and another's beside it. They are driven from outside only, by what
//! has been the same since the first of them: command lines, the ready line, and an invite alone on stdout.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use covey_tests::process::Stream;
use covey_tests::wait::{SOON, TRANSFER, until_file};
use covey_tests::{Process, Stage};
use tokio::process::Command;

use crate::usage::cpu_seconds_of;

/// What `cargo xtask bench` built.
pub struct Build {
    /// The commit; empty for this one.
    pub name: String,
    tracker_relay: PathBuf,
    /// The command line peer.
    pub native_peer: PathBuf,
    /// The folder that its server serves.
    pub page: PathBuf,
    /// Measures a login in a full group; speaks this build's control protocol.
    pub crowd: Option<PathBuf>,
    /// The peer engine's benches.
    pub costs: Option<PathBuf>,
    /// Links with members are.
    pub is_encrypted: bool,
}

impl Build {
    /// This commit's, from `COVEY_TRACKER_RELAY` and so on.
    ///
    /// # Errors
    /// If one of them is not there.
    pub fn this() -> Result<Self> {
        Self::from_environment(String::new(), "COVEY")
    }

    /// The other commit's, from `COVEY_OTHER_TRACKER_RELAY` and so on, if there is one to compare with.
    ///
    /// # Errors
    /// If one of them is not there.
    pub fn other() -> Result<Option<Self>> {
        match std::env::var("COVEY_OTHER") {
            Ok(name) => Self::from_environment(name, "COVEY_OTHER").map(Some),
            Err(_) => Ok(None),
        }
    }

    /// The same with encryption switched off.
    pub fn without_encryption(self) -> Self {
        Self { name: "unencrypted".to_owned(), is_encrypted: false, ..self }
    }

    fn flags(&self) -> &'static [&'static str] {
        if self.is_encrypted { &[] } else { &["--unencrypted"] }
    }

    fn from_environment(name: String, prefix: &str) -> Result<Self> {
        let path = |what: &str| std::env::var_os(format!("{prefix}_{what}")).map(PathBuf::from);
        let needed = |what: &str| {
            let path = path(what).with_context(|| format!("{prefix}_{what} is not set: use `cargo xtask bench`"))?;
            ensure!(path.exists(), "{} is not there", path.display());
            Ok(path)
        };
        Ok(Self {
            name,
            tracker_relay: needed("TRACKER_RELAY")?,
            native_peer: needed("NATIVE_PEER")?,
            page: needed("PAGE_DIR")?,
            crowd: path("CROWD"),
            costs: path("COSTS"),
            is_encrypted: true,
        })
    }

    /// Starts its server, with data of its own.
    ///
    /// # Errors
    /// If it does not become ready.
    pub async fn serve(&self, stage: &Stage, purpose: &str) -> Result<Server> {
        let mut command = Command::new(&self.tracker_relay);
        command.args(["--listen", "127.0.0.1:0", "--data"]).arg(self.data(stage, purpose, "server")?);
        command.arg("--page").arg(&self.page);
        let process = stage.start("tracker-relay", command)?;
        let ready = |stream, line: &str| {
            let url = line.strip_prefix("listening on ")?;
            (stream == Stream::Stdout).then(|| url.trim().to_owned())
        };
        let url = process.line("the ready line", SOON, ready).await?;
        Ok(Server { process, url })
    }

    /// Shares a file; `more` are further arguments.
    ///
    /// # Errors
    /// If no invite comes.
    pub async fn share(
        &self,
        stage: &Stage,
        purpose: &str,
        file: &Path,
        server: &Server,
        more: &[&str],
    ) -> Result<Sharer> {
        self.offer("share", stage, purpose, file, server, more).await
    }

    /// Brings a torrent into a group; `more` are further arguments.
    ///
    /// # Errors
    /// If no invite comes.
    pub async fn bridge(
        &self,
        stage: &Stage,
        purpose: &str,
        torrent: &Path,
        server: &Server,
        more: &[&str],
    ) -> Result<Sharer> {
        self.offer("bridge", stage, purpose, torrent, server, more).await
    }

    async fn offer(
        &self,
        verb: &str,
        stage: &Stage,
        purpose: &str,
        what: &Path,
        server: &Server,
        more: &[&str],
    ) -> Result<Sharer> {
        let name = format!("native-peer {verb}");
        let mut command = Command::new(&self.native_peer);
        command.arg(verb).arg(what).args(["--server", &server.url]).args(more).args(self.flags());
        if !more.contains(&"--listen") {
            command.args(["--listen", "127.0.0.1:0"]);
        }
        command.arg("--data").arg(self.data(stage, purpose, "sharer")?);
        let process = stage.start(&name, command)?;
        let link = |stream, line: &str| (stream == Stream::Stdout && line.starts_with("http")).then(|| line.to_owned());
        let invite = process.line("the invite", SOON, link).await?;
        Ok(Sharer { process, invite })
    }

    /// Downloads a whole file, then serves it too.
    ///
    /// # Errors
    /// If it does not arrive.
    pub async fn join(&self, stage: &Stage, purpose: &str, invite: &str, original: &Path) -> Result<Process> {
        let folder = stage.subfolder(&self.folder(purpose, "second"))?;
        let mut command = self.download(stage, purpose, invite, &folder)?;
        command.arg("--seed");
        let process = stage.start("native-peer download", command)?;
        let name = original.file_name().context("a file has a name")?;
        until_file(&folder.join(name), std::fs::metadata(original)?.len(), TRANSFER).await?;
        Ok(process)
    }

    /// The command of a download into `folder`.
    ///
    /// # Errors
    /// If there is no room for its data.
    pub fn download(&self, stage: &Stage, purpose: &str, invite: &str, folder: &Path) -> Result<Command> {
        let mut command = Command::new(&self.native_peer);
        command.args([OsStr::new("download"), OsStr::new(invite), OsStr::new("--quiet")]).args(self.flags());
        command.args(["--listen", "127.0.0.1:0"]).arg("--output").arg(folder);
        command.arg("--data").arg(self.data(stage, purpose, "leecher")?);
        Ok(command)
    }

    /// For a sentence.
    pub fn title(&self) -> &str {
        if self.name.is_empty() { "this commit" } else { &self.name }
    }

    fn data(&self, stage: &Stage, purpose: &str, who: &str) -> Result<PathBuf> {
        stage.subfolder(&self.folder(purpose, &format!("{who}-data")))
    }

    /// Of a folder that no other build and no other measurement uses.
    pub fn folder(&self, purpose: &str, what: &str) -> String {
        format!("{purpose}-{}-{what}", if self.name.is_empty() { "this" } else { &self.name })
    }
}

/// Ends when dropped.
pub struct Server {
    process: Process,
    /// `http://127.0.0.1:PORT`
    pub url: String,
}

impl Server {
    /// User and system seconds so far.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(&self.process)
    }
}

/// Ends when dropped.
pub struct Sharer {
    process: Process,
    /// Leads to the file.
    pub invite: String,
}

impl Sharer {
    /// User and system seconds so far.
    ///
    /// # Errors
    /// If it has ended.
    pub fn cpu_seconds(&self) -> Result<f64> {
        cpu_seconds(&self.process)
    }
}

fn cpu_seconds(process: &Process) -> Result<f64> {
    let Some(id) = process.id() else { bail!("the program has ended") };
    cpu_seconds_of(id)
}
