//! Each local peer's inputs and outputs, as a program drives it.

use std::time::Duration;

use local_peer::{CloseReason, Input, Output, Room};
use peer_engine::{CloseReason as EngineReason, Job, JobId, LinkKey, StorageError, StorageErrorKind};

use super::bridging::for_bridge;
use super::{Happening, Simulation};
use crate::conduct::Conduct;
use crate::link::LinkId;
use crate::node::{NodeKey, ProgramKey};
use crate::storage;

impl Simulation {
    pub(super) fn on_tick(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        // Another tick was planned before this one, and has happened.
        if this.tick_at == Some(self.now) {
            this.tick_at = None;
            self.input(node, Input::Tick);
        }
    }

    pub(super) fn input(&mut self, node: NodeKey, input: Input) {
        if self.handle(node, input) {
            self.drain(node);
        }
    }

    /// One input of a batch. `false`: the node is gone.
    pub(super) fn handle(&mut self, node: NodeKey, input: Input) -> bool {
        let this = &mut self.nodes[node.0];
        if !this.alive {
            return false;
        }
        this.mind.handle(input, self.now);
        if self.checked {
            this.mind.check();
        }
        true
    }

    /// What of its program's room is left.
    pub(super) fn room(&self, program: ProgramKey) -> Room {
        let program = &self.programs[program.0];
        program.limit.left(program.nodes.iter().map(|node| self.nodes[node.0].mind.occupies()))
    }

    /// A node's outputs, and then those of the other swarms of its program, which may wait for room.
    pub(super) fn drain(&mut self, node: NodeKey) {
        let program = self.nodes[node.0].program;
        self.drain_one(node);
        if self.programs[program.0].nodes.len() == 1 {
            return;
        }
        let mut is_idle = false;
        while !is_idle {
            is_idle = true;
            for other in self.programs[program.0].nodes.clone() {
                is_idle &= !self.drain_one(other);
            }
        }
    }

    fn drain_one(&mut self, node: NodeKey) -> bool {
        if !self.nodes[node.0].alive {
            return false;
        }
        let program = self.nodes[node.0].program;
        let mut room = self.room(program);
        let mut did_something = false;
        loop {
            while let Some(output) = self.nodes[node.0].mind.poll_output(&mut room, self.now) {
                did_something = true;
                self.act(node, output);
            }
            // Transmitting can make it want more: the next blocks are loaded.
            if !self.send(node) {
                break;
            }
        }
        let left = self.room(program);
        self.programs[program.0].note(left);
        self.arm(node);
        did_something
    }

    fn arm(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        let Some(at) = this.mind.poll_timeout(self.now) else {
            return;
        };
        if this.tick_at.is_none_or(|tick_at| at < tick_at) {
            let at = at.max(self.now);
            this.tick_at = Some(at);
            self.agenda.plan(at, Happening::Tick(node));
        }
    }

    fn act(&mut self, node: NodeKey, output: Output) {
        match output {
            Output::Dial { link, to, path } => self.dial(node, link, &to, path),
            Output::Pair { link } => self.open_socket(node, link),
            Output::Transmit(link) => self.line_up(node, link),
            Output::Storage(job) => self.store(node, job),
            Output::Close { link, why } => self.on_close(node, link, &why),
            Output::Announce(progress) => self.announce(node, progress),
            Output::Event(event) => self.on_event(node, &event),
        }
    }

    /// A link that has something to send lines up.
    fn line_up(&mut self, node: NodeKey, link: LinkKey) {
        let this = &mut self.nodes[node.0];
        let Some(link) = this.links.get(&link).copied() else {
            return;
        };
        let end = self.links[link.0].of(node);
        if end.is_open && !end.has_output {
            end.has_output = true;
            this.turns.push_back(link);
        }
    }

    fn store(&mut self, node: NodeKey, job: Job) {
        let config = &self.nodes[node.0].config;
        let (disk, hash) = (config.disk, config.hash);
        if let Some(bridge) = self.nodes[node.0].bridge
            && let Some(input) = for_bridge(&job)
        {
            self.later(Duration::ZERO, Happening::ToBridge(bridge, input));
            return;
        }
        match job {
            Job::Load { job, len, .. } => self.load(node, job, len),
            Job::Hash { job, piece, data } => {
                let digest = Ok(storage::hash(&self.info, piece, &data));
                self.later(hash, Happening::Answers(node, Input::Hashed { job, digest }));
            }
            Job::Store { job, .. } => {
                self.later(disk, Happening::Answers(node, Input::Stored { job, result: Ok(()) }));
            }
        }
    }

    fn load(&mut self, node: NodeKey, job: JobId, len: u32) {
        let this = &mut self.nodes[node.0];
        let result = match this.config.conduct {
            Conduct::Corrupt { one_in } => Ok(storage::load_corrupt(len, || this.rng.u32(0..one_in.max(1)) == 0)),
            Conduct::Silent => return,
            Conduct::Rejects => Err(StorageError::new(StorageErrorKind::Gone, "nothing is here")),
            _ => Ok(storage::load(len)),
        };
        let disk = this.config.disk;
        self.later(disk, Happening::Answers(node, Input::Loaded { job, result }));
    }

    /// The local peer closes a link, or gives up opening it. Its socket is gone at once.
    fn on_close(&mut self, node: NodeKey, link: LinkKey, why: &CloseReason) {
        let is_lost = !matches!(why, CloseReason::Engine(EngineReason::BothComplete | EngineReason::Duplicate));
        self.leave_relay(node, link);
        if let Some(id) = self.close_end(node, link, is_lost) {
            let other = self.links[id.0].other(node);
            let after = self.latency(node, other);
            self.later(after, Happening::Closes(other, id));
        }
        self.handle(node, Input::Closed { link });
    }

    /// The other side is gone.
    pub(super) fn on_closed_by_other(&mut self, node: NodeKey, id: LinkId) {
        let link = self.links[id.0].of(node).key;
        if self.close_end(node, link, true).is_some() {
            self.input(node, Input::Closed { link });
        }
    }

    /// One side of a link is closed. `None`: it was already.
    fn close_end(&mut self, node: NodeKey, link: LinkKey, is_lost: bool) -> Option<LinkId> {
        let this = &mut self.nodes[node.0];
        let id = this.links.remove(&link)?;
        this.links_lost += u32::from(is_lost);
        self.links[id.0].of(node).is_open = false;
        Some(id)
    }
}
