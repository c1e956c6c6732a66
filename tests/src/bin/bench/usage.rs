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
    Ok(Stat::parse(&stat).context("a process without times")?.own_seconds)
}

/// A process's proportional set size, KiB: what it shares with others counts in parts.
pub fn pss_kib_of(id: u32) -> Result<f64> {
    let path = format!("/proc/{id}/smaps_rollup");
    let text = std::fs::read_to_string(&path).with_context(|| format!("cannot read {path}"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:")).context("no Pss")?;
    line.split_whitespace().next().and_then(|kib| kib.parse().ok()).context("no number")
}

/// Of `/proc/ID/stat`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stat {
    pub parent: u32,
    /// User and system, of all threads.
    pub own_seconds: f64,
    /// Those of its children that have ended, and of theirs.
    pub ended_seconds: f64,
}

impl Stat {
    /// `None`: it is none.
    pub fn parse(stat: &str) -> Option<Self> {
        // The name, in parentheses, may hold anything. Counted from 1, the parent is field 4; the times are 14 to 17.
        let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
        let ticks = |field: usize| fields.get(field - 3)?.parse::<f64>().ok();
        let seconds = |user, system| Some((ticks(user)? + ticks(system)?) / TICKS_PER_SECOND);
        Some(Self {
            parent: fields.get(1)?.parse().ok()?,
            own_seconds: seconds(14, 15)?,
            ended_seconds: seconds(16, 17)?,
        })
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_times_are_found_behind_any_name() {
        let stat = "77 (a) S 9 (b) S 5 1 1 0 -1 4194560 10 20 0 0 150 50 700 300 20 0 5 0 99 1000 20";
        let expected = Stat { parent: 5, own_seconds: 2.0, ended_seconds: 10.0 };
        assert_eq!(Stat::parse(stat), Some(expected));
        assert_eq!(Stat::parse("77 (chromium) S 5"), None);
    }

    #[test]
    fn memory_of_this_very_process_is_read() {
        assert!(pss_kib_of(std::process::id()).unwrap() > 100.0);
    }
}
