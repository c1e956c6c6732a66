//! Where a swarm's pieces are: in files, or with somebody who answers for them.

use std::collections::VecDeque;
use std::sync::Arc;

use local_peer::Input;
use metainfo::Layout;
use peer_engine::Job;
use tokio::sync::mpsc;

use super::content::Content;
use super::pool::{Completion, StoragePool};

/// Jobs that nobody has taken.
const JOBS_MAX: usize = 64;
/// Answers that the swarm's task has not taken.
const ANSWERS_MAX: usize = 256;

/// Where a swarm's pieces are.
#[derive(Debug)]
pub enum Store {
    /// In files.
    Files(Arc<Content>),
    /// Somebody else does the jobs, and may say more than answers.
    Deputy(Deputy),
}

impl From<Arc<Content>> for Store {
    fn from(content: Arc<Content>) -> Self {
        Self::Files(content)
    }
}

/// The swarm's end of a store that somebody else keeps.
#[derive(Debug)]
pub struct Deputy {
    jobs: mpsc::Sender<Job>,
    answers: Completion,
}

/// The other end.
#[derive(Debug)]
pub struct Duty {
    /// Each is to be answered once.
    pub jobs: mpsc::Receiver<Job>,
    /// Answers, and whatever else the local peer should know.
    pub answers: mpsc::Sender<Input>,
}

/// Both ends.
pub fn deputy() -> (Deputy, Duty) {
    let (jobs, taken) = mpsc::channel(JOBS_MAX);
    let (answers, heard) = mpsc::channel(ANSWERS_MAX);
    (Deputy { jobs, answers: heard }, Duty { jobs: taken, answers })
}

/// Takes jobs and never waits. The engine bounds how many there can be.
#[derive(Debug)]
pub enum Jobs {
    Pool(StoragePool),
    Deputy { jobs: mpsc::Sender<Job>, backlog: VecDeque<Job> },
}

impl Store {
    /// Ready for jobs; their answers come in the second.
    pub fn start(self, layout: Layout) -> (Jobs, Completion) {
        match self {
            Self::Files(content) => {
                let (pool, completion) = StoragePool::start(content, layout);
                (Jobs::Pool(pool), completion)
            }
            Self::Deputy(Deputy { jobs, answers }) => (Jobs::Deputy { jobs, backlog: VecDeque::new() }, answers),
        }
    }
}

impl Jobs {
    /// Takes a job.
    pub fn submit(&mut self, job: Job) {
        match self {
            Self::Pool(pool) => pool.submit(job),
            Self::Deputy { backlog, .. } => {
                backlog.push_back(job);
                self.refill();
            }
        }
    }

    /// Hands waiting jobs on. Call it after answers were taken, and now and then.
    pub fn refill(&mut self) {
        match self {
            Self::Pool(pool) => pool.refill(),
            Self::Deputy { jobs, backlog } => {
                while let Ok(place) = jobs.try_reserve() {
                    let Some(job) = backlog.pop_front() else { return };
                    place.send(job);
                }
            }
        }
    }
}
