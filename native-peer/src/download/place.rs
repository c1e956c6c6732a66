//! Where a download goes: what is there is looked at before anything is fetched.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metainfo::Info;
use peer_engine::PieceSet;

use super::local::{Start, Wanted, verify};
use super::verdict::{Begun, Verdict, Whole, of_begun, of_whole};
use crate::cli::Existing;
use crate::failure::{Failure, Outcome};
use crate::report::{Report, text};
use crate::storage::{Content, Kind, OpenError, Part, Target, finished, free_bytes, obstacle, writable};

/// How often it is looked whether a `.part` is free.
const IN_USE_LOOKS: u32 = 5;
const IN_USE_EVERY: Duration = Duration::from_millis(100);
/// Names that are tried with `--rename`.
const NAMES_MAX: usize = 1000;

/// The names that this command's files go to: no two to one, on a disk that ignores case either.
#[derive(Debug, Default)]
pub struct Names(RefCell<BTreeSet<String>>);

impl Names {
    /// The first of its names that no other file of this command has.
    pub fn find(&self, target: &Target) -> Target {
        target.names().find(|target| self.take(target)).unwrap_or_else(|| target.clone())
    }

    /// `true`: nobody had it.
    fn take(&self, target: &Target) -> bool {
        self.0.borrow_mut().insert(target.folded())
    }
}

/// Looks for what is finished and for a `.part`, and verifies what there is. `target` is of `names`.
///
/// # Errors
/// Something different has the name; no room; the operating system.
pub async fn look(
    report: &Report,
    info: &Info,
    (target, names): (Target, &Names),
    existing: Existing,
    wanted: &Wanted,
) -> Outcome<Start> {
    let look = Look { report, info, existing, wanted };
    let wished = target.folded();
    for target in target.names().take(NAMES_MAX) {
        if target.folded() != wished && !names.take(&target) {
            continue;
        }
        if let Some(start) = look.at(target).await? {
            return Ok(start);
        }
    }
    let what = format!("every name beside {} is taken", target.path.display());
    Err(Failure::local_files(what, "Choose another folder with -o."))
}

struct Look<'a> {
    report: &'a Report,
    info: &'a Info,
    existing: Existing,
    wanted: &'a Wanted,
}

impl Look<'_> {
    /// `None`: look under the next name.
    async fn at(&self, target: Target) -> Outcome<Option<Start>> {
        check_folder(target.folder())?;
        let (whole, found) = self.whole(&target).await?;
        match (of_whole(&whole, self.existing), found) {
            (Verdict::Complete, Some((content, have))) => return Ok(Some(Start::Complete(content, have, target))),
            (Verdict::Complete | Verdict::Download, _) => {}
            (Verdict::OtherName, _) => return Ok(None),
            (Verdict::Refuse, _) => return Err(refusal_of_whole(&whole, &target)),
        }
        writable(existing_folder(target.folder()))
            .map_err(|error| Failure::file("write to", target.folder(), &error))?;
        let part_path = target.part.clone();
        let (begun, part) = self.begun(target).await?;
        match (of_begun(&begun, self.existing), part) {
            (Verdict::Download | Verdict::Complete, Some((part, have))) => {
                check_room(&part, self.info)?;
                Ok(Some(Start::Partial(part, have)))
            }
            (Verdict::OtherName, _) => Ok(None),
            _ => Err(refusal_of_begun(&begun, &part_path)),
        }
    }

    /// What has the final name; its pieces if they are all there.
    async fn whole(&self, target: &Target) -> Outcome<(Whole, Option<(Arc<Content>, PieceSet)>)> {
        let Self { report, info, wanted, .. } = self;
        let failure = |error: io::Error| Failure::file("read", &target.path, &error);
        if let Some((path, kind)) = obstacle(target, info, &wanted.files).map_err(failure)? {
            return Ok((Whole::InTheWay(path, kind), None));
        }
        if Kind::of(&target.path).map_err(failure)? == Kind::Nothing {
            return Ok((Whole::Absent, None));
        }
        let Some(content) = finished(target, info, &wanted.files).map_err(failure)? else {
            return Ok((Whole::Different, None));
        };
        // What lies in files that nobody wants was not kept: pieces that have some of it cannot be told.
        let pieces: Vec<u32> = wanted.pieces.iter().filter(|piece| !is_cut(info, wanted, *piece)).collect();
        let count = pieces.len();
        let have = verify(report, info, &content, pieces, &target.path).await?;
        Ok(match have.count() as usize == count {
            true => (Whole::Same, Some((content, have))),
            false => (Whole::Different, None),
        })
    }

    /// What was begun, and its pieces.
    async fn begun(&self, target: Target) -> Outcome<(Begun, Option<(Part, PieceSet)>)> {
        let path = target.part.clone();
        let part = match self.open(target).await {
            Ok(part) => part,
            Err(OpenError::InUse) => return Ok((Begun::InUse, None)),
            Err(OpenError::Foreign) => return Ok((Begun::Foreign, None)),
            Err(OpenError::Obstacle(path, kind)) => return Ok((Begun::InTheWay(path, kind), None)),
            Err(OpenError::Io(error)) => return Err(Failure::file("open", &path, &error)),
        };
        let candidates = part.candidates(self.info);
        if part.is_blank() {
            let have = PieceSet::none(self.info.layout().pieces());
            let begun =
                if Kind::of(&path).is_ok_and(|kind| kind == Kind::Nothing) { Begun::Absent } else { Begun::Blank };
            return Ok((begun, Some((part, have))));
        }
        let have = self.resume(&part, candidates).await?;
        Ok(if have.count() == 0 { (Begun::Foreign, None) } else { (Begun::Ours, Some((part, have))) })
    }

    /// What this command set aside a moment ago may still be held by threads that end.
    async fn open(&self, target: Target) -> Result<Part, OpenError> {
        for _ in 0..IN_USE_LOOKS {
            match Part::open(target.clone(), self.info, &self.wanted.files) {
                Err(OpenError::InUse) => tokio::time::sleep(IN_USE_EVERY).await,
                opened => return opened,
            }
        }
        Part::open(target, self.info, &self.wanted.files)
    }

    async fn resume(&self, part: &Part, candidates: Vec<u32>) -> Outcome<PieceSet> {
        let (checked, started) = (candidates.len(), Instant::now());
        let have = verify(self.report, self.info, part.content(), candidates, &part.target().part).await?;
        self.report.end_bar();
        if have.count() > 0 {
            let bytes: u64 = have.iter().map(|piece| u64::from(self.info.layout().piece_len(piece))).sum();
            let (found, took) = (text::size(bytes), text::elapsed(started.elapsed()));
            self.report.note(&format!("Found {found} from before, checked {checked} pieces in {took}"));
        }
        Ok(have)
    }
}

/// Whether some of a piece lies in a file that nobody wants.
fn is_cut(info: &Info, wanted: &Wanted, piece: u32) -> bool {
    let begin = info.layout().piece_offset(piece);
    let end = begin + u64::from(info.layout().piece_len(piece));
    info.files()
        .iter()
        .zip(&wanted.files)
        .any(|(file, is_wanted)| !is_wanted && !file.is_padding && file.offset < end && begin < file.offset + file.len)
}

/// The folder that one is made in.
fn existing_folder(folder: &Path) -> &Path {
    let exists = |folder: &&Path| !folder.as_os_str().is_empty() && folder.exists();
    folder.ancestors().find(exists).unwrap_or(Path::new("."))
}

/// A file can be made there, or the folder for it.
fn check_folder(folder: &Path) -> Outcome {
    let failure = |error: io::Error| Failure::file("look at", folder, &error);
    for folder in folder.ancestors().filter(|folder| !folder.as_os_str().is_empty()) {
        match (folder.is_dir(), Kind::of(folder).map_err(failure)?) {
            (true, _) => return Ok(()),
            (false, Kind::Nothing) => {}
            (false, kind) => {
                let what = format!("{} is {kind}, not a folder", folder.display());
                return Err(Failure::local_files(what, "Choose a folder to save to with -o."));
            }
        }
    }
    Ok(())
}

fn refusal_of_whole(whole: &Whole, target: &Target) -> Failure {
    match whole {
        Whole::InTheWay(path, kind) => in_the_way(path, *kind),
        _ => {
            let kind = if target.path.is_dir() { "folder" } else { "file" };
            let what = format!("{} exists and is a different {kind}", target.path.display());
            Failure::local_files(what, "Use --rename to save beside it, or --overwrite to replace it.")
        }
    }
}

fn refusal_of_begun(begun: &Begun, part: &Path) -> Failure {
    match begun {
        Begun::InTheWay(path, kind) => in_the_way(path, *kind),
        Begun::InUse => Failure::local_files(
            format!("{} is in use", part.display()),
            "Another native-peer is downloading into it: wait for it, or save elsewhere with -o or --rename.",
        ),
        _ => Failure::local_files(
            format!("{} exists and has nothing of this download", part.display()),
            "It is another download's, or somebody's file: it stays as it is. Save beside it with --rename or elsewhere \
             with -o; or rename or delete it, if it is of no use.",
        ),
    }
}

/// What no download replaces, with `--overwrite` either.
fn in_the_way(path: &Path, kind: Kind) -> Failure {
    let out = match kind {
        Kind::Pipe | Kind::Device | Kind::Socket | Kind::Link => "; -o - writes to stdout, and so to whatever reads it",
        _ => "",
    };
    let advice =
        format!("It stays as it is, with --overwrite too. Save beside it with --rename or elsewhere with -o{out}.",);
    Failure::local_files(format!("{} exists and is {kind}", path.display()), advice)
}

fn check_room(part: &Part, info: &Info) -> Outcome {
    let folder = part.target().folder();
    let needed = part.bytes_to_allocate(info);
    match free_bytes(existing_folder(folder)) {
        Some(free) if free < needed => Err(Failure::local_files(
            format!("there is no room for {} in {}", text::printable(info.name()), folder.display()),
            format!(
                "It needs {} and the disk has {} free. Make room and run the same command again, or choose another disk with -o.",
                text::size(needed),
                text::size(free),
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_files_of_one_command_never_go_to_one_name() {
        let names = Names::default();
        let find = |path: &str| names.find(&Target::new(path.into())).path.display().to_string();
        let found = ["a.txt", "b", "A.txt", "a (2).txt", "a.txt"].map(find);
        assert_eq!(found, ["a.txt", "b", "A (2).txt", "a (2) (2).txt", "a (3).txt"]);
    }

    #[test]
    fn a_file_is_no_folder_to_save_to() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        std::fs::write(&file, b"mine").unwrap();
        assert_eq!(check_folder(&folder.path().join("new/sub")), Ok(()));
        assert_eq!(check_folder(Path::new("new")), Ok(()));
        for below in [file.clone(), file.join("sub/sub")] {
            let failure = check_folder(&below).unwrap_err();
            assert!(failure.what.ends_with("is a file, not a folder"), "{failure}");
        }
        assert_eq!(existing_folder(&folder.path().join("new/sub")), folder.path());
        assert_eq!(existing_folder(Path::new("new")), Path::new("."));
    }
}
