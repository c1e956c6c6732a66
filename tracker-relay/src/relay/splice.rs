//! The pipe: what one side sends the other gets, both ways, until one of them leaves.
//!
//! One task polls both directions, and each by itself: a direction whose receiver takes nothing
//! does not hold up the other. A side is read only when its partner has taken what came before, so
//! a direction holds at most one buffer beyond what the kernel holds, and TCP tells the sender to
//! wait. Nothing is shared with other links.

use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use tokio::time::{Interval, MissedTickBehavior, interval, timeout};

use super::direction::{Direction, Moved};
use super::link_end::LinkEnd;
use super::link_memory::{Allowance, LinkMemory};
use crate::limits::{LINK_HALF_CLOSED_MAX, LINK_TICK};
use crate::metrics::Metrics;
use crate::websocket::Gate;

/// How long the end of a link may take.
const GOODBYE_MAX: Duration = Duration::from_secs(1);

/// Two sides that have been paired.
pub struct Pipe<'a> {
    first: Gate,
    second: Gate,
    /// First to second.
    there: Direction<'a>,
    /// Second to first.
    back: Direction<'a>,
    /// Since one side has said goodbye.
    closing_since: Option<Instant>,
    tick: Interval,
}

impl<'a> Pipe<'a> {
    /// Nothing has been sent yet.
    pub fn new(first: Gate, second: Gate, memory: &Arc<LinkMemory>, metrics: &'a Metrics) -> Self {
        let mut tick = interval(LINK_TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let now = Instant::now();
        let there = Direction::new(now, &first, Allowance::new(memory.clone()), metrics);
        let back = Direction::new(now, &second, Allowance::new(memory.clone()), metrics);
        Self { first, second, there, back, closing_since: None, tick }
    }

    /// Carries bytes both ways until a side leaves. Cancel safe.
    pub async fn run(&mut self) -> LinkEnd {
        poll_fn(|cx| self.poll(cx)).await
    }

    /// Tells both sides why it is over, each after the frame that it is in the middle of.
    pub async fn say_goodbye(&mut self, end: LinkEnd) {
        let (code, reason) = end.close_frame();
        let payload = [&u16::from(code).to_be_bytes(), reason.as_bytes()].concat();
        self.there.frames.owe_close(&payload);
        self.back.frames.owe_close(&payload);
        let said = poll_fn(|cx| {
            let there = self.there.poll_goodbye(cx, &mut self.first, &mut self.second);
            let back = self.back.poll_goodbye(cx, &mut self.second, &mut self.first);
            if there.is_ready() && back.is_ready() { Poll::Ready(()) } else { Poll::Pending }
        });
        // Whether they hear why is not worth waiting longer for.
        let _ = timeout(GOODBYE_MAX, said).await;
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<LinkEnd> {
        loop {
            let there = self.there.poll(cx, &mut self.first, &mut self.second);
            let has_answer = answer(&mut self.there, &mut self.back);
            let back = self.back.poll(cx, &mut self.second, &mut self.first);
            let has_answer = answer(&mut self.back, &mut self.there) || has_answer;
            let is_over = (self.over(&there), self.over(&back));
            if let (Some(end), _) | (_, Some(end)) = is_over {
                return Poll::Ready(end);
            }
            if let (Moved::Closed, Moved::Closed) = (&there, &back) {
                return Poll::Ready(LinkEnd::Closed);
            }
            let is_turn = matches!(there, Moved::Turn) || matches!(back, Moved::Turn);
            let is_news = self.pass_goodbye_on(&there, &back);
            let mut has_ticked = false;
            while self.tick.poll_tick(cx).is_ready() {
                has_ticked = true;
                if let Some(end) = self.look_at_clocks() {
                    return Poll::Ready(end);
                }
            }
            if !is_turn && !is_news && !has_ticked && !has_answer {
                return Poll::Pending;
            }
        }
    }

    /// Once a side has said goodbye, all that matters is that the other answers, or does not.
    fn over(&self, moved: &Moved) -> Option<LinkEnd> {
        match moved {
            Moved::End(_) if self.closing_since.is_some() => Some(LinkEnd::Closed),
            Moved::End(end) => Some(*end),
            Moved::Waiting | Moved::Turn | Moved::Closed => None,
        }
    }

    /// One side is done and the other has all of it: tells the other, which then has a moment to
    /// answer. What it still sends is for nobody.
    fn pass_goodbye_on(&mut self, there: &Moved, back: &Moved) -> bool {
        if self.closing_since.is_some() {
            return false;
        }
        match (there, back) {
            (Moved::Closed, _) => self.there.frames.owe_close(&[]),
            (_, Moved::Closed) => self.back.frames.owe_close(&[]),
            _ => return false,
        }
        self.closing_since = Some(Instant::now());
        true
    }

    fn look_at_clocks(&mut self) -> Option<LinkEnd> {
        let now = Instant::now();
        if self.closing_since.is_some_and(|since| now - since >= LINK_HALF_CLOSED_MAX) {
            return Some(LinkEnd::Closed);
        }
        let Self { first, second, there, back, .. } = self;
        there.look_at_clocks(now, first, second, back).or_else(|| back.look_at_clocks(now, second, first, there))
    }
}

/// What a side wants of the relay goes to it in the other direction; `true` if that has to be written now.
fn answer(direction: &mut Direction<'_>, back: &mut Direction<'_>) -> bool {
    let asked = direction.take_asked();
    if let Some(payload) = &asked.pong {
        back.frames.owe_pong(payload);
    }
    if let Some(payload) = &asked.close {
        back.frames.owe_close(payload);
    }
    asked.pong.is_some() || asked.close.is_some()
}
