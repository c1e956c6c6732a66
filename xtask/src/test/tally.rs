//! What passed, what failed, and where the time went.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};

use crate::step;

/// Steps that the summary names.
const LONGEST: usize = 12;
/// Lines of a failed test that the summary repeats.
const REASON_LINES_MAX: usize = 12;

/// Passed and failed so far. Each lint run counts as one.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Tally {
    pub passed: u64,
    pub failed: u64,
    pub ignored: u64,
    /// What was done, and how long it took.
    steps: Vec<(String, Duration)>,
    /// Why what failed did.
    reasons: Vec<String>,
}

/// Finds in what a program of tests says why one failed: what it panicked with, up to the backtrace.
#[derive(Default)]
struct Panics {
    lines_left: usize,
}

impl Panics {
    /// If the line belongs to a reason.
    fn is_reason(&mut self, line: &str) -> bool {
        if line.starts_with("thread '") && line.contains(" panicked at ") {
            self.lines_left = REASON_LINES_MAX;
        } else if line.is_empty() || line.starts_with("stack backtrace:") || line.starts_with("note: run with") {
            self.lines_left = 0;
        }
        let is_reason = self.lines_left > 0;
        self.lines_left = self.lines_left.saturating_sub(1);
        is_reason
    }
}

impl Tally {
    /// Runs a command that says by its exit code whether all is well.
    pub fn lint(&mut self, what: &str, command: &mut Command) {
        let ran = self.time(what, || step::run(what, command));
        self.note(ran);
    }

    /// Counts a check.
    pub fn note(&mut self, checked: Result<()>) {
        match checked {
            Ok(()) => self.passed += 1,
            Err(error) => self.fail(&error),
        }
    }

    pub fn fail(&mut self, error: &anyhow::Error) {
        self.failed += 1;
        self.reasons.push(format!("{error:#}"));
        eprintln!("error: {error:#}");
    }

    /// Runs a program of tests, passes its output on and adds up what it says.
    pub fn test(&mut self, what: &str, command: &mut Command) -> Result<()> {
        step::say(what);
        let started = Instant::now();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().context("cannot run the tests")?;
        let stdout = child.stdout.take().expect("stdout was asked for");
        let failed_before = self.failed;
        let mut panics = Panics::default();
        for line in BufReader::new(stdout).lines() {
            let line = line.context("a test wrote no text")?;
            println!("{line}");
            self.add(&line);
            if panics.is_reason(&line) {
                self.reasons.push(line);
            }
        }
        let status = child.wait().context("cannot wait for the tests")?;
        if !status.success() && self.failed == failed_before {
            // It did not compile, or a test took the whole process down.
            self.failed += 1;
        }
        self.took(what, started.elapsed());
        Ok(())
    }

    /// Does something, and notes how long it takes.
    pub fn time<T>(&mut self, what: &str, step: impl FnOnce() -> T) -> T {
        let started = Instant::now();
        let done = step();
        self.took(what, started.elapsed());
        done
    }

    /// Adds what went on beside this.
    pub fn add_all(&mut self, other: Tally) {
        let Tally { passed, failed, ignored, steps, reasons } = other;
        self.passed += passed;
        self.failed += failed;
        self.ignored += ignored;
        self.steps.extend(steps);
        self.reasons.extend(reasons);
    }

    /// Notes how long something took.
    pub fn took(&mut self, what: &str, time: Duration) {
        self.steps.push((what.to_owned(), time));
    }

    /// The longest steps, the longest first.
    pub fn where_the_time_went(&self) -> String {
        let mut steps: Vec<_> = self.steps.iter().collect();
        steps.sort_by_key(|(_, time)| std::cmp::Reverse(*time));
        let lines = steps.iter().take(LONGEST).map(|(what, time)| format!("{:>6} s  {what}\n", time.as_secs()));
        lines.collect()
    }

    /// Why what failed did, a line each: what several lanes said at once is hard to find in the output.
    pub fn why_it_failed(&self) -> String {
        self.reasons.iter().map(|line| format!("    {line}\n")).collect()
    }

    /// `test result: ok. 3 passed; 0 failed; 0 ignored; …`
    fn add(&mut self, line: &str) {
        let Some(result) = line.trim_start().strip_prefix("test result: ") else { return };
        let counts = result.split_once(". ").map_or("", |(_, counts)| counts);
        for count in counts.split("; ") {
            match count.split_once(' ').map(|(number, what)| (number.parse::<u64>(), what)) {
                Some((Ok(number), "passed")) => self.passed += number,
                Some((Ok(number), "failed")) => self.failed += number,
                Some((Ok(number), "ignored")) => self.ignored += number,
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_of_several_binaries_add_up() {
        let mut tally = Tally::default();
        tally.add("test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.10s");
        tally.add("test result: FAILED. 1 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out");
        tally.add("test peers::result ... ok");
        assert_eq!((tally.passed, tally.failed, tally.ignored), (4, 2, 1));
    }

    #[test]
    fn what_went_on_beside_is_added() {
        let mut tally = Tally { passed: 1, failed: 1, ..Tally::default() };
        let mut beside = Tally { passed: 2, ignored: 1, ..Tally::default() };
        beside.took("beside", Duration::from_secs(1));
        tally.add_all(beside);
        assert_eq!((tally.passed, tally.failed, tally.ignored), (3, 1, 1));
        assert_eq!(tally.where_the_time_went(), "     1 s  beside\n");
    }

    #[test]
    fn what_a_failed_test_panicked_with_is_repeated_without_its_backtrace() {
        let mut panics = Panics::default();
        let said = "running 1 test\n---- a stdout ----\nAna: joined\n\nthread 'a' (12) panicked at src/a.rs:5:9:\na: no page\n\
                    within 30 s\nstack backtrace:\n   0: begin\n\nfailures:\n    a";
        let reasons: Vec<_> = said.lines().filter(|line| panics.is_reason(line)).collect();
        assert_eq!(reasons, ["thread 'a' (12) panicked at src/a.rs:5:9:", "a: no page", "within 30 s"]);
    }

    #[test]
    fn the_longest_step_comes_first() {
        let mut tally = Tally::default();
        tally.took("short", Duration::from_secs(3));
        tally.took("long", Duration::from_secs(100));
        assert_eq!(tally.where_the_time_went(), "   100 s  long\n     3 s  short\n");
    }
}
