//! What decides for a node: the real engine, or a rogue.

use bytes::Bytes;
use peer_engine::{Action, Engine, Event, Input, Instant, LinkKey};

use crate::rogue::Rogue;

#[derive(Debug)]
pub(crate) enum Mind {
    Engine(Box<Engine>),
    Rogue(Box<Rogue>),
}

impl Mind {
    pub fn engine(&self) -> Option<&Engine> {
        match self {
            Mind::Engine(engine) => Some(engine),
            Mind::Rogue(_) => None,
        }
    }

    pub fn handle(&mut self, input: Input, now: Instant) {
        match self {
            Mind::Engine(engine) => engine.handle(input, now),
            Mind::Rogue(rogue) => rogue.handle(input, now),
        }
    }

    pub fn poll_action(&mut self) -> Option<Action> {
        match self {
            Mind::Engine(engine) => engine.poll_action(),
            Mind::Rogue(_) => None,
        }
    }

    pub fn poll_ready(&mut self) -> Option<LinkKey> {
        match self {
            Mind::Engine(engine) => engine.poll_ready(),
            Mind::Rogue(rogue) => rogue.poll_ready(),
        }
    }

    pub fn poll_transmit(&mut self, link: LinkKey, budget: usize, out: &mut Vec<Bytes>, now: Instant) -> usize {
        match self {
            Mind::Engine(engine) => engine.poll_transmit(link, budget, out, now),
            Mind::Rogue(rogue) => rogue.poll_transmit(link, out),
        }
    }

    pub fn poll_event(&mut self) -> Option<Event> {
        match self {
            Mind::Engine(engine) => engine.poll_event(),
            Mind::Rogue(_) => None,
        }
    }

    pub fn poll_timeout(&self) -> Option<Instant> {
        match self {
            Mind::Engine(engine) => engine.poll_timeout(),
            Mind::Rogue(rogue) => rogue.poll_timeout(),
        }
    }

    pub fn is_complete(&self) -> bool {
        self.engine().is_some_and(Engine::is_complete)
    }

    pub fn check(&self) {
        if let Some(engine) = self.engine() {
            engine.check();
        }
    }
}
