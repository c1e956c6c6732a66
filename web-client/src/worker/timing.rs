//! When the driver acts without having been asked: its one timer, and the page's snapshots.

use gloo::timers::callback::Timeout;
use peer_engine::{Input, LinkKey};

use super::clock::{Now, due_ms};
use super::driver::Driver;
use super::link::Link;
use super::scope::post;
use super::swarm::Swarm;
use crate::messages::{Report, encode};
use crate::screen::EXPLAIN_AFTER_MS;

/// Between two snapshots without a change of state, milliseconds.
const REPORT_EVERY_MS: u64 = 250;
/// While nothing happens, times on the page still change. Milliseconds.
const REPORT_IDLE_MS: u64 = 1_000;
/// A socket that is full is looked at again after this, milliseconds. (Sending has no other event.)
const UNBLOCK_EVERY_MS: u64 = 10;

impl Driver {
    pub(super) fn on_timer(&mut self) {
        self.timer = None;
        let now = Now::read();
        self.conversation.handle_timeout(now.ms());
        for swarm in self.swarms.values_mut() {
            let late: Vec<LinkKey> = swarm
                .links
                .iter()
                .filter(|(_, link)| link.deadline_ms().is_some_and(|at| at <= now.ms()))
                .map(|(key, _)| *key)
                .collect();
            for link in late {
                swarm.on_link_closed(link, "the relay or the other side did not answer", now);
                self.replan = true;
            }
            self.replan |= swarm.planner.poll_timeout().is_some_and(|at| at <= now.ms());
            if let Some(transfer) = swarm.transfer_mut() {
                transfer.engine.handle(Input::Tick, now.timestamp());
            }
        }
    }

    fn next_due_ms(&self, now: Now) -> u64 {
        let can_dial = self.can_dial();
        let mut due = Vec::new();
        due.extend(self.report_pause_ms(now).map(|pause| self.reported_at_ms + pause));
        due.extend(self.conversation.poll_timeout());
        for swarm in self.swarms.values() {
            due.extend(swarm.planner.poll_timeout().filter(|_| can_dial));
            due.extend(swarm.links.values().filter_map(Link::deadline_ms));
            due.extend(swarm.transfer().and_then(|transfer| transfer.engine.poll_timeout()).map(due_ms));
            if swarm.links.values().any(|link| link.is_blocked) {
                due.push(now.ms() + UNBLOCK_EVERY_MS);
            }
        }
        due.into_iter().min().unwrap_or(u64::MAX)
    }

    /// One timer for everything; it is never late by being too busy, and early ticks do nothing.
    pub(super) fn arm_timer(&mut self, now: Now) {
        let due = self.next_due_ms(now).max(now.ms() + 1);
        if self.timer.as_ref().is_some_and(|(at, _)| *at <= due) {
            return;
        }
        let handle = self.handle.clone();
        let wait = u32::try_from(due - now.ms()).unwrap_or(u32::MAX).min(60_000);
        let timer = Timeout::new(wait, move || handle.run(Driver::on_timer));
        self.timer = Some((now.ms() + u64::from(wait), timer));
    }

    /// How long the page may wait for the next snapshot; `None`: until something happens.
    fn report_pause_ms(&self, now: Now) -> Option<u64> {
        let is_moving =
            |swarm: &Swarm| swarm.transfer().is_some_and(|transfer| transfer.quiet_ms(now) < EXPLAIN_AFTER_MS);
        let is_idle = |swarm: &Swarm| {
            swarm.links.is_empty() && swarm.transfer().is_some_and(|transfer| transfer.engine.is_complete())
        };
        if self.swarms.values().any(is_moving) {
            Some(REPORT_EVERY_MS)
        } else if self.conversation.is_online() && self.swarms.values().all(is_idle) {
            None
        } else {
            Some(REPORT_IDLE_MS)
        }
    }

    pub(super) fn report(&mut self, now: Now) {
        let is_due = self.report_pause_ms(now).is_some_and(|pause| now.ms() >= self.reported_at_ms + pause);
        if self.urgent || is_due {
            self.urgent = false;
            self.reported_at_ms = now.ms();
            post(&encode(&Report::Snapshot(Box::new(self.view(now)))));
        }
    }
}
