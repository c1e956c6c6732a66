//! stderr: bars on a terminal, a line now and then elsewhere, errors always.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

use super::text::{clock, elapsed, lasting, people, percent, printable, rate, size};
use super::{Finished, FullCopies, MadeInvite, Path, PeerChange, PeerView, Progress, path_name};
use crate::failure::Failure;
use crate::reach::Reach;

/// Without a terminal, progress is a line this often.
const LINE_EVERY: Duration = Duration::from_secs(10);
/// Peers listed below the sharing line.
const PEER_LINES_MAX: usize = 10;
const BAR: &str = "▓▒░";

/// How much is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Errors only.
    Quiet,
    /// A line now and then.
    Lines,
    /// Bars that move.
    Bars,
}

#[derive(Debug)]
pub struct Human {
    mode: Mode,
    bar: Option<ProgressBar>,
    last_line: Option<Instant>,
}

impl Human {
    pub fn new(mode: Mode) -> Self {
        Self { mode, bar: None, last_line: None }
    }

    pub fn line(&mut self, text: &str) {
        if self.mode != Mode::Quiet {
            self.print(text);
        }
    }

    fn print(&self, text: &str) {
        let write = || {
            // A closed stderr must not end the transfer.
            let _ = writeln!(std::io::stderr().lock(), "{text}");
        };
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }

    pub fn error(&mut self, failure: &Failure) {
        self.end_bar();
        let mut text = format!("error: {}", failure.what);
        for line in failure.advice.lines() {
            let _ = write!(text, "\n  {line}");
        }
        self.print(&text);
    }

    pub fn end_bar(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
        self.last_line = None;
    }

    /// The bar of this template, made if there is none.
    fn bar(&mut self, template: &str, len: u64) -> &ProgressBar {
        self.bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template(template).expect("the template is sound").progress_chars(BAR);
            ProgressBar::new(len).with_style(style)
        })
    }

    /// The first line comes one interval after the start: short work needs none.
    fn is_line_due(&mut self) -> bool {
        let now = Instant::now();
        match self.last_line {
            Some(last) if now - last < LINE_EVERY => false,
            Some(_) => {
                self.last_line = Some(now);
                true
            }
            None => {
                self.last_line = Some(now);
                false
            }
        }
    }

    pub fn hashing(&mut self, done: u64, total: u64, bps: u64) {
        let left_s = (total - done.min(total)).checked_div(bps);
        let left = left_s.map(|seconds| clock(Duration::from_secs(seconds))).unwrap_or_default();
        let message = format!("{:>4}  {}/{}  {}  {left}", percent(done, total), size(done), size(total), rate(bps));
        match self.mode {
            Mode::Quiet => {}
            Mode::Lines => {
                if self.is_line_due() {
                    self.print(&format!("Hashing   {}", message.trim()));
                }
            }
            Mode::Bars => {
                let bar = self.bar("Hashing   {bar:20}  {msg}", total);
                bar.set_position(done);
                bar.set_message(message);
            }
        }
    }

    /// Waiting for others.
    pub fn waiting(&mut self, text: &str) {
        match self.mode {
            Mode::Quiet => {}
            Mode::Lines => {
                // The first line at once: a wait is explained.
                if self.last_line.is_none() || self.is_line_due() {
                    self.last_line.get_or_insert_with(Instant::now);
                    self.print(text);
                }
            }
            Mode::Bars => self.bar("{msg}", 0).set_message(text.to_owned()),
        }
    }

    pub fn peer(&mut self, peer: &PeerView, change: PeerChange) {
        let name = printable(&peer.name);
        match change {
            PeerChange::Join => {
                self.line(&format!("{name} ({}) is connected, {}", printable(&peer.client), path_name(peer.path)))
            }
            PeerChange::Leave => self.line(&format!("{name} is gone")),
        }
    }

    pub fn downloading(&mut self, progress: &Progress, waits: Option<&str>) {
        let message = download_line(progress, waits);
        match self.mode {
            Mode::Quiet => {}
            Mode::Lines => {
                if self.is_line_due() {
                    self.print(message.trim());
                }
            }
            Mode::Bars => {
                let bar = self.bar("{bar:20}  {msg}", progress.total);
                bar.set_position(progress.done);
                bar.set_message(message);
            }
        }
    }

    pub fn sharing(&mut self, progress: &Progress) {
        let copies = f64::from(progress.copies_online_milli()) / 1000.0;
        let line = format!(
            "Sharing   ↑ {}   sent {}   {}   copies online: {copies:.2}",
            rate(progress.up_bps),
            size(progress.sent),
            connected(&progress.peers),
        );
        let needed = progress.full_copies_without_you.map(without_you);
        match self.mode {
            Mode::Quiet => {}
            Mode::Lines => {
                if self.is_line_due() {
                    self.print(&[Some(line), needed].into_iter().flatten().collect::<Vec<_>>().join("   "));
                }
            }
            Mode::Bars => {
                let lines = [Some(line), needed.map(|needed| format!("  {needed}"))];
                let text = with_peers(lines.into_iter().flatten().collect::<Vec<_>>().join("\n"), &progress.peers);
                self.bar("{msg}", 0).set_message(text);
            }
        }
    }

    pub fn done(&mut self, finished: &Finished<'_>) {
        self.end_bar();
        let path = finished.path.display();
        let (bytes, pieces) = (size(finished.bytes), finished.pieces);
        if finished.fetched == 0 {
            self.line(&format!("✔ {path}  {bytes} is already there, {pieces}/{pieces} pieces verified"));
            return;
        }
        let seconds = finished.took.as_secs_f64().max(0.001);
        self.line(&format!(
            "✔ {path}  {bytes} ({} fetched in {}, {}), {pieces}/{pieces} pieces verified",
            size(finished.fetched),
            elapsed(finished.took),
            rate((finished.fetched as f64 / seconds) as u64),
        ));
    }
}

/// How far a download is; while nothing comes there is no rate and no time left.
fn download_line(progress: &Progress, waits: Option<&str>) -> String {
    let done = percent(progress.done, progress.total);
    let bytes = format!("{done:>4}  {}/{}", size(progress.done), size(progress.total));
    if let Some(waits) = waits {
        return format!("{bytes}  {waits}");
    }
    let eta = progress.eta().map_or_else(|| "--:--".to_owned(), clock);
    format!("{bytes}  {}  ETA {eta}   {}", rate(progress.down_bps), connected(&progress.peers))
}

/// Whom an invite lets in, and for how long.
pub fn invite_terms(made: &MadeInvite) -> String {
    let lasts = lasting(made.lasts);
    match (made.ask, made.uses) {
        (false, None) => format!("Anyone with the link can join, for {lasts}."),
        (false, Some(1)) => format!("One person can join with the link, within {lasts}."),
        (false, Some(uses)) => format!("{uses} people can join with the link, within {lasts}."),
        (true, None) => {
            format!("Whoever opens the link, within {lasts}, asks to join, and an admin has to let them in.")
        }
        (true, Some(uses)) => format!(
            "Whoever opens the link ({} at most, within {lasts}) asks to join, and an admin has to let them in.",
            people(uses as usize)
        ),
    }
}

/// Where a link is good for something, and what to do with it.
pub fn invite_advice(reach: &Reach) -> String {
    let Reach { url, also, is_only_here } = reach;
    if *is_only_here {
        return format!(
            "This link works on this computer only: nobody else reaches the server at {url}. For others, let tracker-relay \
             listen for them (--listen 0.0.0.0:8080), or name a server that they reach with --server.\n\
             Open it in a browser on this computer, or run, and paste it when asked:"
        );
    }
    let also = match also.is_empty() {
        true => String::new(),
        false => format!("Where {url} is not reached, put one of these in its place: {}\n", also.join(", ")),
    };
    format!("{also}Open it in any browser, or run on another computer, and paste it when asked:")
}

/// Whether whoever shares may stop.
fn without_you(copies: FullCopies) -> String {
    match copies.is_enough() {
        true => format!("{copies} without you: you can stop now"),
        false => "nobody else has all of it yet: keep this running to help".to_owned(),
    }
}

fn connected(peers: &[PeerView]) -> String {
    let direct = peers.iter().filter(|peer| peer.path == Path::Direct).count();
    match (direct, peers.len() - direct) {
        (0, 0) => "nobody is connected".to_owned(),
        (direct, 0) => format!("{} (direct)", people(direct)),
        (0, relay) => format!("{} (relay)", people(relay)),
        (direct, relay) => format!("{} ({direct} direct, {relay} relay)", people(direct + relay)),
    }
}

fn with_peers(mut text: String, peers: &[PeerView]) -> String {
    for peer in peers.iter().take(PEER_LINES_MAX) {
        let _ = write!(
            text,
            "\n  {:<16.16} {:<20.20} {:>3}%  ↑ {:<11} {}",
            printable(&peer.name),
            printable(&peer.client),
            peer.have_milli / 10,
            rate(peer.rate_up),
            path_name(peer.path),
        );
    }
    if peers.len() > PEER_LINES_MAX {
        let _ = write!(text, "\n  and {} more", peers.len() - PEER_LINES_MAX);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Whoever has all of it as well needs no link: such copies used to be left out.
    #[test]
    fn full_copies_that_nobody_is_connected_to_are_online_too() {
        let alone = Progress { verified: 7, total: 7, copies_milli: 1000, ..Progress::default() };
        assert_eq!(alone.copies_online_milli(), 1000);
        let with = |copies| Progress { full_copies_without_you: Some(FullCopies(copies)), ..alone.clone() };
        assert_eq!(with(0).copies_online_milli(), 1000);
        assert_eq!(with(2).copies_online_milli(), 3000);
        let partial = Progress { copies_milli: 2500, ..with(1) };
        assert_eq!(partial.copies_online_milli(), 2500);
    }

    #[test]
    fn while_nothing_comes_there_is_no_rate_and_no_time_left() {
        let progress = Progress { done: 300, total: 1000, down_bps: 70, ..Progress::default() };
        assert_eq!(download_line(&progress, None), " 30%  300 B/1.00 kB  70 B/s  ETA 0:10   nobody is connected");
        assert_eq!(download_line(&progress, Some("waiting for Ana")), " 30%  300 B/1.00 kB  waiting for Ana");
    }

    #[test]
    fn whoever_shares_hears_whether_they_may_stop() {
        let said = |copies| without_you(FullCopies(copies));
        assert_eq!(said(0), "nobody else has all of it yet: keep this running to help");
        assert_eq!(said(1), "1 full copy without you: you can stop now");
        assert_eq!(said(2), "2 full copies without you: you can stop now");
    }
}
