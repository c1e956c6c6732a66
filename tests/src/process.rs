//! A program that runs beside the test, what it says, and its end.

use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::wait::SOON;

/// Lines kept of one program; what comes later is only counted.
const LINES_MAX: usize = 100_000;

/// Killed on drop.
pub struct Process {
    name: String,
    child: Child,
    transcript: Arc<Transcript>,
    _readers: JoinSet<()>,
}

/// Where a line came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Results.
    Stdout,
    /// Talk.
    Stderr,
}

/// What a program has said so far.
pub struct Transcript {
    name: String,
    lines: Mutex<Vec<(Stream, String)>>,
    /// Streams that are still open.
    open: watch::Sender<usize>,
    /// Lines in all.
    count: watch::Sender<usize>,
}

impl Process {
    /// Starts `command` without stdin; both its outputs are read.
    ///
    /// # Errors
    /// If the program is not there.
    pub fn start(name: &str, mut command: Command) -> Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let transcript = Arc::new(Transcript {
            name: name.to_owned(),
            lines: Mutex::default(),
            open: watch::Sender::new(2),
            count: watch::Sender::new(0),
        });
        let mut readers = JoinSet::new();
        let stdout = child.stdout.take().expect("stdout was asked for");
        let stderr = child.stderr.take().expect("stderr was asked for");
        readers.spawn(read(stdout, Stream::Stdout, transcript.clone()));
        readers.spawn(read(stderr, Stream::Stderr, transcript.clone()));
        Ok(Self { name: name.to_owned(), child, transcript, _readers: readers })
    }

    /// What it has said.
    pub fn transcript(&self) -> &Arc<Transcript> {
        &self.transcript
    }

    /// Waits for a line that `find` finds something in, from the first line on.
    ///
    /// # Errors
    /// If the program ends without it, or the deadline passes.
    pub async fn line<T>(
        &self,
        what: &str,
        within: Duration,
        find: impl FnMut(Stream, &str) -> Option<T>,
    ) -> Result<T> {
        self.line_after(0, what, within, find).await
    }

    /// As [`Self::line`], from the line with this number on.
    ///
    /// # Errors
    /// If the program ends without it, or the deadline passes.
    pub async fn line_after<T>(
        &self,
        first: usize,
        what: &str,
        within: Duration,
        mut find: impl FnMut(Stream, &str) -> Option<T>,
    ) -> Result<T> {
        let mut count = self.transcript.count.subscribe();
        let mut open = self.transcript.open.subscribe();
        let deadline = Instant::now() + within;
        let mut next = first;
        loop {
            // Before looking, so that a line that comes while looking is looked at too.
            let ended = *open.borrow_and_update() == 0;
            count.mark_unchanged();
            if let Some(found) = self.transcript.find_from(&mut next, &mut find) {
                return Ok(found);
            }
            if ended {
                bail!("{} ended without: {what}", self.name);
            }
            tokio::select! {
                _ = count.changed() => {}
                _ = open.changed() => {}
                () = tokio::time::sleep_until(deadline) => {
                    bail!("{}: {what}: did not happen within {} s", self.name, within.as_secs());
                }
            }
        }
    }

    /// SIGKILL: it has no chance to tidy up. Returns when it is gone.
    ///
    /// # Errors
    /// If it cannot be waited for.
    pub async fn kill(&mut self) -> Result<()> {
        self.child.kill().await.with_context(|| format!("cannot kill {}", self.name))
    }

    /// Sends it a signal.
    ///
    /// # Errors
    /// If it has ended already.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let id = self.child.id().with_context(|| format!("{} has ended already", self.name))?;
        Ok(kill(Pid::from_raw(id.cast_signed()), signal)?)
    }

    /// SIGINT, as Ctrl-C does; waits for the end.
    ///
    /// # Errors
    /// If it does not end.
    pub async fn interrupt(&mut self) -> Result<ExitStatus> {
        self.signal(Signal::SIGINT)?;
        self.exit(SOON).await
    }

    /// Waits for its own end.
    ///
    /// # Errors
    /// If it does not come in time.
    pub async fn exit(&mut self, within: Duration) -> Result<ExitStatus> {
        let waited = tokio::time::timeout(within, self.child.wait()).await;
        let status = waited.with_context(|| format!("{} did not end within {} s", self.name, within.as_secs()))??;
        // Its last words may still be on their way through the pipes.
        let mut open = self.transcript.open.subscribe();
        let closed = tokio::time::timeout(SOON, open.wait_for(|open| *open == 0)).await;
        closed.with_context(|| format!("{} ended, but its outputs are held open", self.name))??;
        Ok(status)
    }

    /// The process id while it runs.
    pub fn id(&self) -> Option<u32> {
        self.child.id()
    }
}

impl Drop for Process {
    /// Waits for its end, too: a program that still writes keeps the test's folder from being removed.
    fn drop(&mut self) {
        // Fails when it has ended, which is what is wanted.
        let _ = self.child.start_kill();
        wait_blocking(|| matches!(self.child.try_wait(), Ok(None)));
    }
}

/// For destructors, which cannot await: until `is_there` says no, a second at most.
pub(crate) fn wait_blocking(mut is_there: impl FnMut() -> bool) {
    for _ in 0..200 {
        if !is_there() {
            return;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

impl Transcript {
    /// Everything, for showing.
    pub fn text(&self) -> String {
        let mut text = format!("---------------- {}\n", self.name);
        for (stream, line) in self.lines().iter() {
            let mark = if *stream == Stream::Stdout { '>' } else { ' ' };
            text.push_str(&format!("{mark} {line}\n"));
        }
        text
    }

    /// Lines of one stream, joined.
    pub fn of(&self, wanted: Stream) -> String {
        let lines = self.lines();
        let lines: Vec<&str> =
            lines.iter().filter(|(stream, _)| *stream == wanted).map(|(_, line)| line.as_str()).collect();
        lines.join("\n")
    }

    /// How many lines there are: where to look from for what comes next.
    pub fn len(&self) -> usize {
        self.lines().len()
    }

    /// Nothing said yet.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn lines(&self) -> std::sync::MutexGuard<'_, Vec<(Stream, String)>> {
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find_from<T>(&self, next: &mut usize, find: &mut impl FnMut(Stream, &str) -> Option<T>) -> Option<T> {
        let lines = self.lines();
        while let Some((stream, line)) = lines.get(*next) {
            *next += 1;
            if let Some(found) = find(*stream, line) {
                return Some(found);
            }
        }
        None
    }

    fn push(&self, stream: Stream, line: String) {
        let mut lines = self.lines();
        if lines.len() < LINES_MAX {
            lines.push((stream, line));
        }
        drop(lines);
        self.count.send_modify(|count| *count += 1);
    }
}

async fn read(source: impl AsyncRead + Unpin, stream: Stream, transcript: Arc<Transcript>) {
    let mut lines = BufReader::new(source).lines();
    while let Ok(Some(line)) = lines.next_line().await {
        transcript.push(stream, line);
    }
    transcript.open.send_modify(|open| *open -= 1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shell(script: &str) -> Process {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Process::start("sh", command).unwrap()
    }

    #[tokio::test]
    async fn a_line_is_found_however_early_it_came() {
        let mut process = shell("echo one; echo two >&2; echo three");
        process.exit(SOON).await.unwrap();
        let find = |_, line: &str| (line == "two").then_some(());
        process.line("two", SOON, find).await.unwrap();
        assert_eq!(process.transcript().of(Stream::Stdout), "one\nthree");
    }

    #[tokio::test]
    async fn an_end_without_the_line_is_told_at_once() {
        let process = shell("echo one");
        let error = process.line::<()>("two", SOON, |_, _| None).await.unwrap_err();
        assert_eq!(error.to_string(), "sh ended without: two");
    }
}
