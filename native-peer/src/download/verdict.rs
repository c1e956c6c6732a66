//! What becomes of a download, by what has its two names: the one table that decides. Nothing that is there is ever lost:
//! only a file of the kind that is wanted is replaced, only when the person said so, and only when the new one is complete
//! (docs/decisions/0032-what-is-there-is-never-lost.md).

use std::path::PathBuf;

use crate::cli::Existing;
use crate::storage::Kind;

/// What has the final name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Whole {
    Absent,
    /// What is wanted, every piece of it.
    Same,
    /// Of the same kind, and something else.
    Different,
    /// Something that can be neither; of a folder perhaps within it.
    InTheWay(PathBuf, Kind),
}

/// What has the name that the download has until it is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begun {
    Absent,
    /// Nothing was ever written to it.
    Blank,
    /// Some of it is this torrent's.
    Ours,
    /// It has something, and nothing of this torrent.
    Foreign,
    /// Another download is writing to it.
    InUse,
    InTheWay(PathBuf, Kind),
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is there.
    Complete,
    /// Go on, or begin.
    Download,
    /// Look under the next name.
    OtherName,
    /// Say why not.
    Refuse,
}

/// Decides by the final name; what is begun is looked at only for [`Verdict::Download`].
pub fn of_whole(whole: &Whole, existing: Existing) -> Verdict {
    match (whole, existing) {
        (Whole::Same, _) => Verdict::Complete,
        (Whole::Absent, _) | (Whole::Different, Existing::Overwrite) => Verdict::Download,
        (_, Existing::Rename) => Verdict::OtherName,
        (Whole::Different | Whole::InTheWay(..), _) => Verdict::Refuse,
    }
}

/// Decides by what is begun. `--overwrite` speaks of the final name: what it is until then may be somebody else's.
pub fn of_begun(begun: &Begun, existing: Existing) -> Verdict {
    match (begun, existing) {
        (Begun::Absent | Begun::Blank | Begun::Ours, _) => Verdict::Download,
        (_, Existing::Rename) => Verdict::OtherName,
        (Begun::Foreign | Begun::InUse | Begun::InTheWay(..), _) => Verdict::Refuse,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Existing; 3] = [Existing::Keep, Existing::Overwrite, Existing::Rename];
    /// Everything but files, which are somebody's whatever is in them.
    const KINDS: [Kind; 6] = [Kind::Folder, Kind::Link, Kind::Pipe, Kind::Socket, Kind::Device, Kind::Other];

    fn whole(whole: Whole) -> [Verdict; 3] {
        ALL.map(|existing| of_whole(&whole, existing))
    }

    fn begun(begun: Begun) -> [Verdict; 3] {
        ALL.map(|existing| of_begun(&begun, existing))
    }

    #[test]
    fn what_is_complete_is_complete_and_what_is_nowhere_is_downloaded_whatever_was_said() {
        assert_eq!(whole(Whole::Same), [Verdict::Complete; 3]);
        assert_eq!(whole(Whole::Absent), [Verdict::Download; 3]);
        for ours in [Begun::Absent, Begun::Blank, Begun::Ours] {
            assert_eq!(begun(ours), [Verdict::Download; 3]);
        }
    }

    #[test]
    fn a_different_file_is_replaced_only_when_told() {
        assert_eq!(whole(Whole::Different), [Verdict::Refuse, Verdict::Download, Verdict::OtherName]);
    }

    #[test]
    fn what_is_no_file_and_what_others_began_is_never_replaced() {
        let never = [Verdict::Refuse, Verdict::Refuse, Verdict::OtherName];
        for kind in KINDS {
            assert_eq!(whole(Whole::InTheWay(PathBuf::new(), kind)), never, "{kind}");
            assert_eq!(begun(Begun::InTheWay(PathBuf::new(), kind)), never, "{kind}");
        }
        assert_eq!(begun(Begun::Foreign), never);
        assert_eq!(begun(Begun::InUse), never);
    }
}
