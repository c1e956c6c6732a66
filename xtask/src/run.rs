//! `cargo xtask run [FILE]`: from a fresh clone to an invite that works.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use anyhow::{Context, Result, bail};

use crate::arguments::RunOptions;
use crate::child::{Happening, Running};
use crate::workspace::{Profile, Workspace};
use crate::{page, programs, sample, step};

const TRACKER: &str = "tracker-relay";
const PEER: &str = "native-peer";
/// What tracker-relay says when it is ready.
const READY: &str = "listening on ";
const QUEUE_LEN: usize = 64;

/// Builds, starts, shares, and stays until Ctrl-C.
pub fn perform(workspace: &Workspace, options: &RunOptions) -> Result<ExitCode> {
    // What can fail at once, before minutes of building.
    check_free(options.listen)?;
    let file = match &options.file {
        Some(file) => Some(fs::canonicalize(file).with_context(|| format!("cannot share {}", file.display()))?),
        None => None,
    };
    page::build(workspace, &workspace.page())?;
    programs::build(workspace, Profile::Release)?;
    let folder = workspace.target.join("run");
    fs::create_dir_all(&folder)?;
    let file = match file {
        Some(file) => file,
        None => sample::sample_file(&folder)?,
    };
    Session { workspace, listen: options.listen, folder, file }.hold()
}

fn check_free(listen: SocketAddr) -> Result<()> {
    TcpListener::bind(listen).map(drop).with_context(|| {
        format!(
            "cannot listen on {listen}: end what listens there, or choose another address with --listen 127.0.0.1:PORT"
        )
    })
}

struct Session<'a> {
    workspace: &'a Workspace,
    listen: SocketAddr,
    /// For the two programs' data.
    folder: PathBuf,
    file: PathBuf,
}

impl Session<'_> {
    fn hold(&self) -> Result<ExitCode> {
        let (sender, happenings) = sync_channel(QUEUE_LEN);
        let interrupted = sender.clone();
        ctrlc::set_handler(move || {
            // Full or closed means that the end is on its way.
            let _ = interrupted.try_send(Happening::Interrupted);
        })
        .context("cannot listen for Ctrl-C")?;

        step::say("Starting tracker-relay");
        let mut tracker = self.start_tracker(sender.clone())?;
        let Some(url) = wait_for_url(&happenings, &mut tracker)? else {
            tracker.end();
            return Ok(ExitCode::SUCCESS);
        };
        step::say(&format!("Sharing {}", self.file.display()));
        let mut peer = self.start_peer(&url, sender)?;
        let end = self.pass_on(&happenings, &url, &mut tracker, &mut peer);
        // The peer first: it says goodbye to the tracker.
        peer.end();
        tracker.end();
        end.map(|()| ExitCode::SUCCESS)
    }

    fn start_tracker(&self, happenings: SyncSender<Happening>) -> Result<Running> {
        let mut command = Command::new(self.workspace.program(Profile::Release, TRACKER));
        command
            .args(["--listen", &self.listen.to_string(), "--data"])
            .arg(self.folder.join("tracker-relay"))
            .arg("--page")
            .arg(self.workspace.page());
        Running::start(TRACKER, command, happenings)
    }

    fn start_peer(&self, url: &str, happenings: SyncSender<Happening>) -> Result<Running> {
        let mut command = Command::new(self.workspace.program(Profile::Release, PEER));
        command.args(["share", "--server", url, "--data"]).arg(self.folder.join("native-peer")).arg(&self.file);
        Running::start(PEER, command, happenings)
    }

    /// Until the person or one of the programs ends it.
    fn pass_on(
        &self,
        happenings: &Receiver<Happening>,
        url: &str,
        tracker: &mut Running,
        peer: &mut Running,
    ) -> Result<()> {
        loop {
            match happenings.recv().context("all programs have ended")? {
                Happening::Line(PEER, line) if line.starts_with("http") => print_invite(&line, url),
                Happening::Line(_, line) => eprintln!("{line}"),
                Happening::Interrupted => return Ok(()),
                Happening::Closed(TRACKER) => bail!("tracker-relay ended ({}); see above", tracker.wait()?),
                Happening::Closed(_) => bail!("native-peer ended ({}); see above", peer.wait()?),
            }
        }
    }
}

/// `None`: interrupted.
fn wait_for_url(happenings: &Receiver<Happening>, tracker: &mut Running) -> Result<Option<String>> {
    loop {
        match happenings.recv().context("tracker-relay has ended")? {
            Happening::Line(_, line) => match line.strip_prefix(READY) {
                Some(url) => return Ok(Some(url.trim().to_owned())),
                None => eprintln!("{line}"),
            },
            Happening::Interrupted => return Ok(None),
            Happening::Closed(_) => bail!("tracker-relay ended ({}); see above", tracker.wait()?),
        }
    }
}

fn print_invite(invite: &str, url: &str) {
    eprintln!("\n────────────────────────────────────────────────────────────────────────");
    eprintln!("Open this in a browser, as often as you like; each tab is one more peer:\n");
    // Alone on stdout, so that a program can read it.
    println!("{invite}");
    eprintln!("\nThe page without an invite: {url}");
    eprintln!("Ctrl-C ends everything.");
    eprintln!("────────────────────────────────────────────────────────────────────────\n");
}
