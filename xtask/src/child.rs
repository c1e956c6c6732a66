//! A program that runs beside this one and ends with it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::SyncSender;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

/// How long a program may take to end by itself once asked.
const END_WAIT: Duration = Duration::from_secs(10);

/// Killed on drop, if it has not been [ended](Self::end) before.
pub struct Running {
    name: &'static str,
    child: Child,
}

/// What the programs and the person do.
#[derive(Debug, PartialEq, Eq)]
pub enum Happening {
    /// A program wrote a line to stdout.
    Line(&'static str, String),
    /// A program closed its stdout, which it does by ending.
    Closed(&'static str),
    /// Ctrl-C, or a signal to end.
    Interrupted,
}

impl Running {
    /// Starts `command`; its lines and end go to `happenings`, stderr is passed through.
    pub fn start(name: &'static str, mut command: Command, happenings: SyncSender<Happening>) -> Result<Self> {
        // A group of its own: Ctrl-C in the terminal reaches this program alone, which then ends
        // the others in the right order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().to_string_lossy()))?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(|line| line.ok()) {
                if happenings.send(Happening::Line(name, line)).is_err() {
                    return;
                }
            }
            // Nobody listens any more when this program is ending.
            let _ = happenings.send(Happening::Closed(name));
        });
        Ok(Self { name, child })
    }

    /// Waits for a program that has closed its stdout.
    pub fn wait(&mut self) -> Result<ExitStatus> {
        self.child.wait().with_context(|| format!("cannot wait for {}", self.name))
    }

    /// Asks it to end, waits for it, kills it if it does not.
    pub fn end(mut self) {
        self.interrupt();
        let deadline = Instant::now() + END_WAIT;
        while Instant::now() < deadline {
            match self.child.try_wait() {
                // std has no wait with a deadline, so look 20 times a second.
                Ok(None) => std::thread::sleep(Duration::from_millis(50)),
                _ => return,
            }
        }
        eprintln!("{} did not end within {} s and is killed", self.name, END_WAIT.as_secs());
    }

    #[cfg(unix)]
    fn interrupt(&mut self) {
        let id = self.child.id().to_string();
        // If it has ended already there is nobody to interrupt.
        let _ = Command::new("kill").args(["-INT", &id]).stderr(Stdio::null()).status();
    }

    #[cfg(not(unix))]
    fn interrupt(&mut self) {
        // The console has sent Ctrl-C to it already; a program without a console only can be killed.
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Fails when it has ended, which is what is wanted.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
