//! What a program used.

use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use nix::sys::wait::{Id, WaitPidFlag, waitid};
use nix::unistd::Pid;

/// Linux counts processor time in these, whatever the kernel's own tick is.
const TICKS_PER_SECOND: f64 = 100.0;
/// How often memory is looked at: the most may be missed by what a program takes and gives back in between.
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// One run of a program, or a part of it.
#[derive(Debug, Clone, Copy)]
pub struct Usage {
    /// From start to end.
    pub wall: Duration,
    /// User and system, of all threads.
    pub cpu_seconds: f64,
    /// The most that it held at once, MiB; files that are mapped or in memory do not count.
    pub memory_mib: f64,
}

/// Runs a program to its successful end.
pub async fn of(mut command: Command) -> Result<Usage> {
    tokio::task::spawn_blocking(move || {
        command.stdin(Stdio::null()).stdout(Stdio::null());
        let started = Instant::now();
        let mut child = command.spawn().with_context(|| format!("cannot start {command:?}"))?;
        let id = Pid::from_raw(child.id().cast_signed());
        let watch = MemoryWatch::start(child.id());
        // Ended, but not yet reaped: the kernel still knows what it used.
        waitid(Id::Pid(id), WaitPidFlag::WEXITED | WaitPidFlag::WNOWAIT)?;
        let wall = started.elapsed();
        let cpu_seconds = cpu_seconds_of(child.id())?;
        let status = child.wait()?;
        ensure!(status.success(), "{command:?} ended with {status}");
        Ok(Usage { wall, cpu_seconds, memory_mib: watch.most_mib() })
    })
    .await?
}

/// User and system seconds that a process has used so far.
pub fn cpu_seconds_of(id: u32) -> Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).context("needs Linux's /proc")?;
    // The name, in parentheses, may hold anything; utime and stime are fields 14 and 15.
    let fields: Vec<&str> = stat.rsplit_once(')').context("no name")?.1.split_whitespace().collect();
    let ticks = |field: usize| fields.get(field - 3).and_then(|text| text.parse::<f64>().ok());
    let (user, system) = ticks(14).zip(ticks(15)).context("no times")?;
    Ok((user + system) / TICKS_PER_SECOND)
}

/// Looks at a process's memory until it is asked for the most.
pub struct MemoryWatch {
    is_over: Arc<AtomicBool>,
    watching: std::thread::JoinHandle<f64>,
}

impl MemoryWatch {
    /// Begins.
    pub fn start(id: u32) -> Self {
        let is_over = Arc::new(AtomicBool::new(false));
        let until = is_over.clone();
        let watching = std::thread::spawn(move || {
            let mut most: f64 = 0.0;
            while !until.load(Ordering::Relaxed) {
                most = most.max(anonymous_mib(id).unwrap_or(0.0));
                std::thread::sleep(LOOK_EVERY);
            }
            most
        });
        Self { is_over, watching }
    }

    /// Ends it.
    pub fn most_mib(self) -> f64 {
        self.is_over.store(true, Ordering::Relaxed);
        self.watching.join().unwrap_or(f64::NAN)
    }
}

/// What a process has of memory that is nobody else's. `None`: it has ended.
fn anonymous_mib(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.split_whitespace().next()?.parse::<f64>().ok()? / 1024.0)
}
