//! An info dictionary on its way in: parts in order, one dictionary at a time, gone with the connection or when it
//! takes too long. What all of them take is bounded, and nothing is taken in that nobody waits for.

use tokio::time::Instant;
use wire_protocol::control::{INFO_LEN_MAX, INFO_PART_LEN_MAX, Refusal};
use wire_protocol::ids::FileId;

use crate::limits::INFO_PARTS_KEPT;
use crate::shares::Share;
use crate::tracker::refusals;

/// An info dictionary, and its part of the budget.
#[derive(Debug)]
pub struct Info {
    /// As it came.
    pub bytes: Vec<u8>,
    /// Given back once the bytes are on disk.
    _share: Share,
}

/// An info dictionary on its way in.
#[derive(Debug, Default)]
pub struct InfoParts {
    state: State,
}

#[derive(Debug, Default)]
enum State {
    #[default]
    Idle,
    Taking {
        file: FileId,
        info: Info,
        /// Given up then.
        until: Instant,
    },
    /// No card waits for it: whoever publishes it hears why.
    Ignored(FileId),
    /// There is no room now, which whoever publishes it hears.
    Refused(FileId, Refusal),
}

/// A part that does not follow the one before, or is too long. The publish that follows is refused,
/// which tells the member.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Misfit;

impl InfoParts {
    /// A dictionary begins, for a card that waits for it. `share`: to grow with it.
    pub fn begin(&mut self, file: FileId, share: Share, now: Instant) {
        let info = Info { bytes: Vec::new(), _share: share };
        self.state = State::Taking { file, info, until: now + INFO_PARTS_KEPT };
    }

    /// A dictionary begins that no card waits for.
    pub fn ignore(&mut self, file: FileId) {
        self.state = State::Ignored(file);
    }

    /// A dictionary begins, and there is no room for it.
    pub fn refuse(&mut self, file: FileId, refusal: Refusal) {
        self.state = State::Refused(file, refusal);
    }

    /// Takes the next part, the first after [`InfoParts::begin`].
    ///
    /// # Errors
    /// [`Misfit`]: what came before is dropped too.
    pub fn add(&mut self, file: FileId, offset: u32, part: &[u8]) -> Result<(), Misfit> {
        match &mut self.state {
            State::Ignored(of) | State::Refused(of, _) if *of == file => Ok(()),
            State::Taking { file: of, info, .. }
                if *of == file
                    && info.bytes.len() == offset as usize
                    && part.len() <= INFO_PART_LEN_MAX
                    && info.bytes.len() + part.len() <= INFO_LEN_MAX =>
            {
                match info._share.grow(part.len()) {
                    Ok(()) => info.bytes.extend_from_slice(part),
                    Err(limit) => self.state = State::Refused(file, refusals::no_room_for_torrents(limit)),
                }
                Ok(())
            }
            _ => {
                self.state = State::Idle;
                Err(Misfit)
            }
        }
    }

    /// Hands out what came for this file.
    ///
    /// # Errors
    /// There was no room for it.
    pub fn take(&mut self, file: FileId) -> Result<Option<Info>, Refusal> {
        match std::mem::take(&mut self.state) {
            State::Taking { file: of, info, .. } if of == file => Ok(Some(info)),
            State::Refused(of, refusal) if of == file => Err(refusal),
            State::Ignored(of) if of == file => Ok(None),
            other => {
                self.state = other;
                Ok(None)
            }
        }
    }

    /// When what has come is given up.
    pub fn ends_at(&self) -> Option<Instant> {
        match &self.state {
            State::Taking { until, .. } => Some(*until),
            _ => None,
        }
    }

    /// Gives up what has taken too long.
    pub fn look(&mut self, now: Instant) {
        if self.ends_at().is_some_and(|at| at <= now) {
            self.state = State::Idle;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use wire_protocol::ids::MemberKey;

    use super::*;
    use crate::limits::{INFO_PARTS_BYTES_OF_MEMBER, info_parts};
    use crate::shares::{Shares, Who};

    const FILE: FileId = FileId([1; 16]);
    const OTHER: FileId = FileId([2; 16]);

    fn share(shares: &Arc<Shares>) -> Share {
        let who = Who { member: MemberKey([1; 32]), address: [192, 0, 2, 1].into() };
        shares.take(who, 0).unwrap()
    }

    fn begun(file: FileId) -> InfoParts {
        let mut parts = InfoParts::default();
        parts.begin(file, share(&Arc::new(Shares::new(info_parts(), Arc::default()))), Instant::now());
        parts
    }

    fn taken(parts: &mut InfoParts, file: FileId) -> Option<Vec<u8>> {
        parts.take(file).unwrap().map(|info| info.bytes)
    }

    #[test]
    fn parts_are_taken_in_order_only() {
        let mut parts = begun(FILE);
        parts.add(FILE, 0, b"abc").unwrap();
        parts.add(FILE, 3, b"de").unwrap();
        assert_eq!(taken(&mut parts, OTHER), None);
        assert_eq!(taken(&mut parts, FILE).unwrap(), b"abcde");
        assert_eq!(taken(&mut parts, FILE), None);
        assert_eq!(parts.add(FILE, 0, b"abc"), Err(Misfit), "nobody waits for it");
        let mut parts = begun(FILE);
        parts.add(FILE, 0, b"abc").unwrap();
        assert_eq!(parts.add(FILE, 4, b"e"), Err(Misfit));
        assert_eq!(taken(&mut parts, FILE), None);
        let mut parts = begun(FILE);
        assert_eq!(parts.add(OTHER, 0, b"de"), Err(Misfit));
    }

    #[test]
    fn a_dictionary_is_bounded() {
        let mut parts = begun(FILE);
        let part = [0; INFO_PART_LEN_MAX];
        for i in 0..INFO_LEN_MAX / INFO_PART_LEN_MAX {
            parts.add(FILE, (i * INFO_PART_LEN_MAX) as u32, &part).unwrap();
        }
        assert_eq!(parts.add(FILE, INFO_LEN_MAX as u32, b"x"), Err(Misfit));
        assert_eq!(begun(FILE).add(FILE, 0, &[0; INFO_PART_LEN_MAX + 1]), Err(Misfit));
    }

    #[test]
    fn what_there_is_no_room_for_is_dropped_and_what_takes_too_long_is_too() {
        let shares = Arc::new(Shares::new(info_parts(), Arc::default()));
        let now = Instant::now();
        let mut others: Vec<_> = (0..INFO_PARTS_BYTES_OF_MEMBER / INFO_PART_LEN_MAX)
            .map(|_| {
                let mut parts = InfoParts::default();
                parts.begin(FILE, share(&shares), now);
                parts.add(FILE, 0, &[0; INFO_PART_LEN_MAX]).unwrap();
                parts
            })
            .collect();
        let mut parts = InfoParts::default();
        parts.begin(FILE, share(&shares), now);
        parts.add(FILE, 0, b"abc").unwrap();
        parts.add(FILE, 3, b"de").unwrap();
        assert!(parts.take(FILE).is_err());
        let late = others[0].ends_at().unwrap();
        others.iter_mut().for_each(|parts| parts.look(late));
        parts.begin(FILE, share(&shares), now);
        parts.add(FILE, 0, b"abc").unwrap();
        assert_eq!(taken(&mut parts, FILE).unwrap(), b"abc");
    }
}
