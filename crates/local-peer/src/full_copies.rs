//! What is left of a file if this peer goes.

use std::fmt;

use crate::candidate::Candidate;

/// How many have all of a file. Shown as `1 full copy`, `2 full copies`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FullCopies(pub u32);

impl FullCopies {
    /// Those of listed peers. An ordinary client's is not one of them: members get it by way of a bridge only, which is
    /// listed itself.
    pub(crate) fn among<'a>(listed: impl Iterator<Item = &'a Candidate>) -> Self {
        let has_all = |candidate: &&Candidate| candidate.peer.is_some() && candidate.progress.is_complete();
        Self(listed.filter(has_all).count() as u32)
    }

    /// There is one: whoever has another may go, and nothing is lost.
    pub fn is_enough(self) -> bool {
        self.0 > 0
    }
}

impl fmt::Display for FullCopies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            1 => f.write_str("1 full copy"),
            count => write!(f, "{count} full copies"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{PeerId, Progress};

    fn listed(id: u8, progress: Progress) -> Candidate {
        Candidate { peer: Some(PeerId([id; 20])), progress, ..Candidate::default() }
    }

    fn among(listed: &[Candidate]) -> FullCopies {
        FullCopies::among(listed.iter())
    }

    const ALL: Progress = Progress::Pieces { have: 4, total: 4 };

    #[test]
    fn whoever_lacks_a_piece_or_only_prepares_is_no_full_copy() {
        let parts = [
            listed(1, Progress::Pieces { have: 3, total: 4 }),
            listed(2, Progress::Preparing(1000)),
            listed(3, Progress::Unknown),
            listed(4, Progress::Pieces { have: 0, total: 0 }),
        ];
        assert_eq!(among(&parts), FullCopies(0));
        assert!(!among(&parts).is_enough());
        assert_eq!(among(&[listed(1, ALL), listed(2, ALL)]), FullCopies(2));
    }

    #[test]
    fn an_ordinary_client_counts_as_its_bridge_and_not_by_itself() {
        let client = Candidate { addresses: vec!["192.0.2.1:7000".parse().unwrap()], ..listed(1, ALL) };
        let client = Candidate { peer: None, ..client };
        assert_eq!(among(std::slice::from_ref(&client)), FullCopies(0));
        let bridge = listed(2, ALL);
        assert_eq!(among(&[client, bridge]), FullCopies(1));
    }

    #[test]
    fn it_is_counted_in_words() {
        let shown = [0, 1, 2].map(|count| FullCopies(count).to_string());
        assert_eq!(shown, ["0 full copies", "1 full copy", "2 full copies"]);
    }
}
