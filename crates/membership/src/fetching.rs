//! Getting a file's info dictionary from the tracker, a few parts at a time.

use std::collections::BTreeMap;

use bytes::{Bytes, BytesMut};
use wire_protocol::control::{INFO_LEN_MAX, INFO_PART_LEN_MAX, ReadPart, SwarmName};

/// Info dictionaries that are fetched at once.
const FETCHES_MAX: usize = 16;
/// Parts of one that are asked for at once.
const PARTS_IN_FLIGHT_MAX: usize = 4;
/// As the wire counts.
const PART_LEN: u32 = INFO_PART_LEN_MAX as u32;

/// What came of a part.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Fetched {
    /// Ask for the parts that begin here (none if enough are asked for).
    Ask(Vec<u32>),
    /// All parts are there.
    Done(Bytes),
    /// The tracker contradicts itself.
    Nonsense,
    /// Nobody asked.
    Ignored,
}

#[derive(Debug, Default)]
struct Fetch {
    /// Known from the first part on.
    info_len: Option<u32>,
    /// By offset.
    parts: BTreeMap<u32, Vec<u8>>,
    /// Asked for: where each begins and ends.
    asked: BTreeMap<u32, u32>,
    /// Up to here everything was asked for.
    asked_to: u32,
}

impl Fetch {
    /// Takes a part in; `None`: it cannot be right. Else, if it came shorter than it could, where its rest
    /// begins. What is kept is never more than what came.
    fn take_part(&mut self, part: ReadPart) -> Option<Option<u32>> {
        let ReadPart { info_len, offset, mut bytes } = part;
        let end = self.asked.remove(&offset)?.min(info_len);
        let is_sound = info_len as usize <= INFO_LEN_MAX
            && self.info_len.is_none_or(|known| known == info_len)
            && !bytes.is_empty()
            && bytes.len() <= INFO_PART_LEN_MAX
            && offset as usize + bytes.len() <= info_len as usize;
        if !is_sound {
            return None;
        }
        self.info_len = Some(info_len);
        self.asked_to = self.asked_to.min(info_len);
        // The rest of a part that came short reaches into the next one.
        bytes.truncate((end - offset) as usize);
        let next = offset + bytes.len() as u32;
        self.parts.insert(offset, bytes);
        let short = (next < end).then_some(next);
        self.asked.extend(short.map(|next| (next, end)));
        Some(short)
    }

    /// The offsets to ask for now; `short` is the rest of a part that came shorter than it could.
    fn ask(&mut self, short: Option<u32>) -> Vec<u32> {
        let mut offsets: Vec<u32> = short.into_iter().collect();
        let info_len = self.info_len.unwrap_or(1);
        while self.asked_to < info_len && self.asked.len() < PARTS_IN_FLIGHT_MAX {
            let end = self.asked_to.saturating_add(PART_LEN);
            self.asked.insert(self.asked_to, end);
            offsets.push(self.asked_to);
            self.asked_to = end;
        }
        offsets
    }

    fn whole(&self) -> Option<Bytes> {
        let has_all = self.asked.is_empty() && self.info_len.is_some_and(|len| self.asked_to >= len);
        has_all.then(|| {
            let mut info = BytesMut::with_capacity(self.info_len.unwrap_or_default() as usize);
            self.parts.values().for_each(|part| info.extend_from_slice(part));
            info.freeze()
        })
    }
}

/// All info dictionaries that are fetched.
#[derive(Debug, Default)]
pub(crate) struct Fetches(BTreeMap<SwarmName, Fetch>);

impl Fetches {
    /// The offsets to ask for; `None`: too many are fetched.
    pub(crate) fn begin(&mut self, key: SwarmName) -> Option<Vec<u32>> {
        if self.0.contains_key(&key) {
            return Some(Vec::new());
        }
        (self.0.len() < FETCHES_MAX).then(|| self.0.entry(key).or_default().ask(None))
    }

    pub(crate) fn handle_part(&mut self, key: SwarmName, part: ReadPart) -> Fetched {
        let Some(fetch) = self.0.get_mut(&key) else {
            return Fetched::Ignored;
        };
        let Some(short) = fetch.take_part(part) else {
            self.0.remove(&key);
            return Fetched::Nonsense;
        };
        if let Some(info) = fetch.whole() {
            self.0.remove(&key);
            return Fetched::Done(info);
        }
        Fetched::Ask(fetch.ask(short))
    }

    /// `false`: it was not fetched (any more).
    pub(crate) fn cancel(&mut self, key: SwarmName) -> bool {
        self.0.remove(&key).is_some()
    }
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::{FileId, GroupId};

    use super::*;

    const KEY: SwarmName = SwarmName { group: GroupId([1; 16]), file: FileId([2; 16]) };

    fn part(offset: u32, info_len: u32, bytes: Vec<u8>) -> ReadPart {
        ReadPart { info_len, offset, bytes }
    }

    /// Answers every question with at most `part_len` bytes until the fetch ends.
    fn fetch_all(info: &[u8], part_len: usize) -> Fetched {
        let mut fetches = Fetches::default();
        let mut asked = std::collections::VecDeque::from(fetches.begin(KEY).unwrap());
        while let Some(offset) = asked.pop_front() {
            assert!(asked.len() < PARTS_IN_FLIGHT_MAX);
            let rest = &info[offset as usize..];
            let bytes = rest[..rest.len().min(part_len)].to_vec();
            match fetches.handle_part(KEY, part(offset, info.len() as u32, bytes)) {
                Fetched::Ask(more) => asked.extend(more),
                end => return end,
            }
        }
        panic!("nothing is asked for any more, and the fetch has not ended");
    }

    #[test]
    fn parts_of_any_length_make_the_whole() {
        for len in [1, PART_LEN - 1, PART_LEN, PART_LEN + 1, 7 * PART_LEN + 13] {
            let info: Vec<u8> = (0..len).map(|at| (at % 251) as u8).collect();
            for part_len in [INFO_PART_LEN_MAX, 16 * 1024, 10_007] {
                let is_whole = fetch_all(&info, part_len) == Fetched::Done(info.clone().into());
                assert!(is_whole, "{len} in {part_len}");
            }
        }
    }

    #[test]
    fn a_tracker_that_contradicts_itself_is_not_believed() {
        let ask = || {
            let mut fetches = Fetches::default();
            fetches.begin(KEY).unwrap();
            fetches
        };
        assert_eq!(ask().handle_part(KEY, part(0, 10, vec![])), Fetched::Nonsense);
        assert_eq!(ask().handle_part(KEY, part(0, 10, vec![0; 11])), Fetched::Nonsense);
        assert_eq!(ask().handle_part(KEY, part(5, 10, vec![0; 5])), Fetched::Nonsense);
        assert_eq!(ask().handle_part(KEY, part(0, u32::MAX, vec![0; 5])), Fetched::Nonsense);
        let mut fetches = ask();
        assert!(matches!(fetches.handle_part(KEY, part(0, 100_000, vec![0; 32_768])), Fetched::Ask(_)));
        assert_eq!(fetches.handle_part(KEY, part(32_768, 100_001, vec![0; 32_768])), Fetched::Nonsense);
        assert_eq!(fetches.handle_part(KEY, part(65_536, 100_000, vec![0; 32_768])), Fetched::Ignored);
    }
}
