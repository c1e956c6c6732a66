//! Which of several files is fetched now: what somebody serves first, what nobody serves last. A file that comes no more is
//! set aside as soon as another one can be had.

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use wire_protocol::control::{FileCard, SwarmCount};
use wire_protocol::ids::FileId;

use crate::failure::{Failure, sentence};
use crate::report::text;
use crate::session::GroupState;

/// How often it is looked whether another file can be had.
const LOOK_EVERY: Duration = Duration::from_millis(500);
/// A file that came no more has no turn for so long while there are others.
const REST: Duration = Duration::from_secs(30);

/// How likely a file comes, the likeliest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Chance {
    /// Somebody has all of it.
    Served,
    /// Somebody has perhaps some of it.
    Begun,
    /// Nobody is there, it was not read yet, or it came no more a moment ago.
    Nobody,
}

/// The files that are not here yet.
#[derive(Debug)]
pub struct Turns {
    view: watch::Receiver<GroupState>,
    /// All of the command.
    meant: BTreeSet<FileId>,
    pending: RefCell<Vec<FileCard>>,
    set_aside: RefCell<BTreeMap<FileId, Instant>>,
    /// Of any of them; at first the beginning.
    last_arrival: Cell<Instant>,
}

impl Turns {
    /// Of these files.
    pub fn new(view: watch::Receiver<GroupState>, files: Vec<FileCard>) -> Self {
        let last_arrival = Cell::new(Instant::now());
        let meant = files.iter().map(|card| card.file).collect();
        Self { view, meant, pending: RefCell::new(files), set_aside: RefCell::default(), last_arrival }
    }

    /// Whether the command is to bring it, or has.
    pub fn is_meant(&self, file: FileId) -> bool {
        self.meant.contains(&file)
    }

    /// Whose turn it is; `None`: all are here.
    pub fn next(&self) -> Option<FileCard> {
        let state = self.view.borrow();
        let pending = self.pending.borrow();
        let next = pending.iter().min_by_key(|card| self.chance(&state, card.file))?;
        // Its torrent may have come meanwhile.
        let known = state.group.as_ref().and_then(|group| group.file(next.file));
        Some(known.unwrap_or(next).clone())
    }

    /// It is here, or cannot be had.
    pub fn remove(&self, file: FileId) {
        self.pending.borrow_mut().retain(|card| card.file != file);
    }

    /// It comes no more for now.
    pub fn set_aside(&self, file: FileId) {
        self.set_aside.borrow_mut().insert(file, Instant::now());
    }

    /// When something came last.
    pub fn last_arrival(&self) -> Instant {
        self.last_arrival.get()
    }

    /// Something came.
    pub fn arrived(&self, at: Instant) {
        self.last_arrival.set(self.last_arrival.get().max(at));
    }

    /// Whether a file other than this one can be had.
    pub fn has_other(&self, file: FileId) -> bool {
        let state = self.view.borrow();
        let others = self.pending.borrow();
        others.iter().any(|card| card.file != file && self.chance(&state, card.file) != Chance::Nobody)
    }

    /// Waits until a file other than this one can be had.
    pub async fn other(&self, file: FileId) {
        while !self.has_other(file) {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    }

    /// Why the command ends without them.
    pub fn given_up(&self, failure: Failure) -> Failure {
        let names: Vec<String> = self.pending.borrow().iter().map(|card| text::printable(&card.name)).collect();
        if names.len() < 2 {
            return failure;
        }
        let what = format!("no one is serving {} files right now", names.len());
        let advice = format!("Missing: {}.\n{}\n{}", names.join(", "), sentence(&failure.what), failure.advice);
        Failure::no_source(what, advice)
    }

    fn chance(&self, state: &GroupState, file: FileId) -> Chance {
        let rests = self.set_aside.borrow().get(&file).is_some_and(|since| since.elapsed() < REST);
        let Some(group) = &state.group else {
            return if rests { Chance::Nobody } else { Chance::Begun };
        };
        let is_read = group.file(file).is_some_and(|card| card.torrent.is_some());
        chance(group.count(file), is_read, rests)
    }
}

/// By who is in its swarm, whether its torrent exists, and whether it was set aside a moment ago.
fn chance(count: SwarmCount, is_read: bool, rests: bool) -> Chance {
    match count {
        _ if rests || !is_read => Chance::Nobody,
        SwarmCount { seeders: 1.., .. } => Chance::Served,
        SwarmCount { leechers: 1.., .. } => Chance::Begun,
        _ => Chance::Nobody,
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use membership::Group;
    use wire_protocol::control::Torrent;
    use wire_protocol::ids::{InfoHash, MemberKey};

    use super::*;

    fn card(file: u8, is_read: bool) -> FileCard {
        let torrent = is_read.then_some(Torrent { info_hash: InfoHash([file; 20]), info_len: 100, pieces: 1 });
        let (name, added_by) = (format!("file-{file}"), MemberKey([9; 32]));
        FileCard { file: FileId([file; 16]), name, size: 1, added_by, added_at_ms: 0, torrent }
    }

    /// Files of these seeders and leechers; the last one is not read yet.
    fn turns(counts: &[(u32, u32)]) -> (Turns, watch::Sender<GroupState>) {
        let files: Vec<FileCard> =
            (1..).zip(counts).map(|(file, _)| card(file, usize::from(file) < counts.len())).collect();
        let count = |(card, (seeders, leechers)): (&FileCard, &(u32, u32))| {
            (card.file, SwarmCount { file: card.file, seeders: *seeders, leechers: *leechers, preparing: 0 })
        };
        let counts = files.iter().zip(counts).map(count).collect();
        let group = Group { files: files.clone(), counts, ..Group::default() };
        let (told, view) = watch::channel(GroupState { group: Some(Arc::new(group)), ..GroupState::default() });
        (Turns::new(view, files), told)
    }

    fn order(turns: &Turns) -> Vec<String> {
        std::iter::from_fn(|| turns.next().inspect(|card| turns.remove(card.file))).map(|card| card.name).collect()
    }

    #[test]
    fn what_somebody_serves_comes_first_and_what_nobody_serves_last() {
        let (turns, _told) = turns(&[(0, 0), (0, 2), (1, 0), (5, 5), (1, 1)]);
        assert_eq!(order(&turns), ["file-3", "file-4", "file-2", "file-1", "file-5"]);
    }

    #[test]
    fn what_came_no_more_waits_for_its_turn_while_another_can_be_had() {
        let (turns, _told) = turns(&[(1, 0), (1, 0), (0, 0), (0, 0)]);
        let [one, two] = [1, 2].map(|file| FileId([file; 16]));
        assert!(turns.has_other(one) && turns.has_other(two));
        turns.set_aside(one);
        assert_eq!(turns.next().map(|card| card.file), Some(two));
        assert!(turns.has_other(one) && !turns.has_other(two), "no going to and fro");
        turns.set_aside(two);
        assert_eq!(turns.next().map(|card| card.file), Some(one), "none is better");
    }

    #[test]
    fn before_the_group_is_known_any_may_come() {
        let (told, view) = watch::channel(GroupState::default());
        let turns = Turns::new(view, vec![card(1, false), card(2, true)]);
        assert_eq!(turns.next().map(|card| card.name).as_deref(), Some("file-1"));
        drop(told);
    }

    #[test]
    fn those_that_are_missing_are_named() {
        let (turns, _told) = turns(&[(0, 0), (0, 0), (0, 0)]);
        turns.remove(FileId([2; 16]));
        let failure = turns.given_up(Failure::no_source("no one is serving file-1 right now", "Why.\nKept."));
        assert_eq!(failure.what, "no one is serving 2 files right now");
        assert_eq!(failure.advice, "Missing: file-1, file-3.\nNo one is serving file-1 right now.\nWhy.\nKept.");
    }
}
