//! What decides for a node: the real engine, or a rogue.

use bytes::Bytes;
use peer_engine::{Engine, Input, LinkKey, Output, Timestamp};

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

    pub fn handle(&mut self, input: Input, now: Timestamp) {
        match self {
            Mind::Engine(engine) => engine.handle(input, now),
            Mind::Rogue(rogue) => rogue.handle(input, now),
        }
    }

    pub fn poll_output(&mut self) -> Option<Output> {
        match self {
            Mind::Engine(engine) => engine.poll_output(),
            Mind::Rogue(rogue) => rogue.poll_ready().map(Output::Transmit),
        }
    }

    pub fn transmit(&mut self, link: LinkKey, room: usize, out: &mut Vec<Bytes>, now: Timestamp) -> usize {
        match self {
            Mind::Engine(engine) => engine.transmit(link, room, out, now),
            Mind::Rogue(rogue) => rogue.transmit(link, out),
        }
    }

    pub fn poll_timeout(&self) -> Option<Timestamp> {
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
