//! When the driver acts without having been asked: its one timer, and the page's snapshots.

use gloo::timers::callback::Timeout;
use local_peer::Room;

use super::clock::{Now, due_ms};
use super::driver::Driver;
use super::scope::post;
use super::swarm::Swarm;
use super::transfer::Transfer;
use crate::messages::{Report, encode};
use crate::screen::EXPLAIN_AFTER_MS;
use crate::sleep::LOOK_EVERY_MS;

/// Between two snapshots without a change of state, milliseconds.
const REPORT_EVERY_MS: u64 = 500;
/// While nothing happens, times on the page still change. Milliseconds.
const REPORT_IDLE_MS: u64 = 1_000;

/// When to wake up, and when the page was told last.
#[derive(Default)]
pub(super) struct Timer {
    armed: Option<(u64, Timeout)>,
    reported_at_ms: u64,
}

impl Driver {
    fn on_timer(&mut self) {
        self.timer.armed = None;
        let now = Now::read();
        self.conversation.handle_timeout(now.ms());
        for transfer in self.swarms.transfers_mut() {
            transfer.tick(now);
        }
        self.look_at_shares(now);
        self.tidy_shares();
        self.look_elsewhere(now);
    }

    fn next_due_ms(&self, now: Now) -> u64 {
        let mut due = vec![now.ms() + LOOK_EVERY_MS];
        due.extend(self.report_pause_ms(now).map(|pause| self.timer.reported_at_ms + pause));
        due.extend(self.conversation.poll_timeout());
        due.extend(self.swarms.iter().filter_map(|swarm| swarm.share.as_ref()?.next_look_ms()));
        for transfer in self.swarms.transfers() {
            due.extend(transfer.peer.poll_timeout(now.timestamp()).map(due_ms));
            due.extend(transfer.storage.poll_timeout());
            due.extend(transfer.sends_at_ms());
        }
        due.into_iter().min().unwrap_or(u64::MAX)
    }

    /// One timer for everything; it is never late by being too busy, and early ticks do nothing.
    pub(super) fn arm_timer(&mut self, now: Now) {
        let due = self.next_due_ms(now).max(now.ms() + 1);
        if self.timer.armed.as_ref().is_some_and(|(at, _)| *at <= due) {
            return;
        }
        let handle = self.handle.clone();
        let wait = u32::try_from(due - now.ms()).unwrap_or(u32::MAX);
        let timer = Timeout::new(wait, move || handle.run(Driver::on_timer));
        self.timer.armed = Some((now.ms() + u64::from(wait), timer));
    }

    /// How long the page may wait for the next snapshot; `None`: until something happens.
    fn report_pause_ms(&self, now: Now) -> Option<u64> {
        let is_moving = |transfer: &Transfer| transfer.quiet_ms(now) < EXPLAIN_AFTER_MS;
        let is_idle = |transfer: &Transfer| transfer.peer.occupies() == Room::default() && transfer.peer.is_complete();
        let is_settled =
            self.conversation.is_online() && self.swarms.iter().all(|swarm| swarm.transfer().is_some_and(is_idle));
        let is_hashing = |swarm: &Swarm| swarm.share.as_ref().is_some_and(|share| share.is_hashing());
        if self.swarms.transfers().any(is_moving) || self.swarms.iter().any(is_hashing) {
            Some(REPORT_EVERY_MS)
        } else if is_settled {
            None
        } else {
            Some(REPORT_IDLE_MS)
        }
    }

    pub(super) fn report(&mut self, now: Now) {
        let is_due = self.report_pause_ms(now).is_some_and(|pause| now.ms() >= self.timer.reported_at_ms + pause);
        if self.urgent || is_due {
            self.urgent = false;
            self.timer.reported_at_ms = now.ms();
            post(&encode(&Report::Snapshot(Box::new(self.view(now)))));
        }
    }
}
