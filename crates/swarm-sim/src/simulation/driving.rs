//! Each engine's inputs and outputs, as a program drives it.

use peer_engine::{CloseReason, Input, Job, JobId, LinkKey, Output, StorageError, StorageErrorKind};

use super::{Happening, Simulation};
use crate::conduct::Conduct;
use crate::node::NodeKey;
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

    pub(super) fn drain(&mut self, node: NodeKey) {
        self.carry_out(node);
        // Sending makes output too.
        while self.send(node) {
            self.carry_out(node);
        }
        self.arm(node);
    }

    fn carry_out(&mut self, node: NodeKey) {
        while let Some(output) = self.nodes[node.0].mind.poll_output() {
            match output {
                Output::Transmit(link) => self.line_up(node, link),
                Output::Storage(job) => self.work(node, job),
                Output::Close { link, why } => self.on_close(node, link, &why),
                Output::Event(event) => self.on_event(node, &event),
                other => unreachable!("the simulator does not know {other:?}"),
            }
        }
    }

    /// A link that has something to send waits for its turn on the uplink.
    fn line_up(&mut self, node: NodeKey, link: LinkKey) {
        let end = self.links[link.0 as usize].of(node);
        if end.is_open && !end.has_output {
            end.has_output = true;
            self.nodes[node.0].turns.push_back(link);
        }
    }

    fn arm(&mut self, node: NodeKey) {
        let this = &mut self.nodes[node.0];
        let Some(at) = this.mind.poll_timeout() else {
            return;
        };
        if this.tick_at.is_none_or(|tick_at| at < tick_at) {
            let at = at.max(self.now);
            this.tick_at = Some(at);
            self.agenda.plan(at, Happening::Tick(node));
        }
    }

    fn work(&mut self, node: NodeKey, job: Job) {
        let config = &self.nodes[node.0].config;
        let (disk, hash) = (config.disk, config.hash);
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

    /// The engine closes a link.
    fn on_close(&mut self, node: NodeKey, link: LinkKey, why: &CloseReason) {
        let other = self.links[link.0 as usize].other(node);
        let never_again = matches!(why, CloseReason::BadPiece(_) | CloseReason::Banned | CloseReason::BothComplete);
        if self.close_end(node, link, never_again) {
            let after = self.latency(node, other);
            self.later(after, Happening::Closes(other, link));
        }
    }

    /// The other side is gone.
    pub(super) fn on_closed_by_other(&mut self, node: NodeKey, link: LinkKey) {
        if self.close_end(node, link, false) {
            self.input(node, Input::LinkClosed { link });
        }
    }
}
