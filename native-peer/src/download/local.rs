//! What of a torrent is here already, and where it is to go.

use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use metainfo::{FileSelection, Info};
use peer_engine::PieceSet;

use crate::cli::Existing;
use crate::failure::{Failure, Outcome, sentence};
use crate::report::{Report, text};
use crate::source::Hashing;
use crate::storage::{Content, OpenError, Part, Target, finished, free_bytes};
use crate::swarm::SwarmState;

/// Where a download begins.
pub enum Start {
    /// What is wanted is there, finished: these pieces.
    Complete(Arc<Content>, PieceSet, Target),
    /// Some or no pieces are there.
    Partial(Part, PieceSet),
}

/// What of a torrent is to be had.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// For each of its files.
    pub files: Vec<bool>,
    /// The pieces that they lie in.
    pub pieces: PieceSet,
}

impl Wanted {
    /// Everything.
    pub fn all(info: &Info) -> Self {
        Self { files: vec![true; info.files().len()], pieces: PieceSet::all(info.layout().pieces()) }
    }

    /// These files, by their place.
    pub fn files(info: &Info, files: &[usize]) -> Self {
        let mut wanted =
            Self { files: vec![false; info.files().len()], pieces: PieceSet::none(info.layout().pieces()) };
        files.iter().for_each(|file| wanted.files[*file] = true);
        for piece in info.pieces_of_all(files).into_iter().flatten() {
            wanted.pieces.insert(piece);
        }
        wanted
    }

    /// What the person chose.
    ///
    /// # Errors
    /// It chooses nothing.
    pub fn selected(info: &Info, selection: &FileSelection) -> Outcome<Self> {
        let chosen = selection.choose(info);
        let chosen = chosen.map_err(|error| Failure::usage("--files chooses nothing", sentence(&error.to_string())))?;
        Ok(Self::files(info, &chosen))
    }

    /// Bytes of the pieces.
    pub fn bytes(&self, info: &Info) -> u64 {
        self.pieces.iter().map(|piece| u64::from(info.layout().piece_len(piece))).sum()
    }
}

/// Looks for what is finished and for a `.part`, and verifies what there is.
///
/// # Errors
/// Something different has the name; no room; the operating system.
pub async fn look(report: &Report, info: &Info, target: Target, existing: Existing, wanted: &Wanted) -> Outcome<Start> {
    let target = match look_for_finished(report, info, &target, wanted).await? {
        Finished::Absent => target,
        Finished::Same(content, have) => return Ok(Start::Complete(content, have, target)),
        Finished::Different => match existing {
            Existing::Overwrite => target,
            Existing::Rename => target.with_free_name(),
            Existing::Keep => {
                let kind = if target.path.is_dir() { "folder" } else { "file" };
                let what = format!("{} exists and is a different {kind}", target.path.display());
                return Err(Failure::local_files(
                    what,
                    "Use --rename to save beside it, or --overwrite to replace it.",
                ));
            }
        },
    };
    let path = target.part.clone();
    let part = Part::open(target, info, &wanted.files).map_err(|error| open_failure(error, &path))?;
    let have = resume(report, info, &part).await?;
    check_room(&part, info)?;
    Ok(Start::Partial(part, have))
}

/// What has the final name.
enum Finished {
    Absent,
    Same(Arc<Content>, PieceSet),
    Different,
}

async fn look_for_finished(report: &Report, info: &Info, target: &Target, wanted: &Wanted) -> Outcome<Finished> {
    match std::fs::symlink_metadata(&target.path) {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Finished::Absent),
        Err(error) => return Err(Failure::file("look at", &target.path, &error)),
    }
    let failure = |error: std::io::Error| Failure::file("read", &target.path, &error);
    let Some(content) = finished(target, info, &wanted.files).map_err(failure)? else {
        return Ok(Finished::Different);
    };
    // What lies in files that nobody wants was not kept: pieces that have some of it cannot be told.
    let pieces: Vec<u32> = wanted.pieces.iter().filter(|piece| !is_cut(info, wanted, *piece)).collect();
    let count = pieces.len();
    let have = verify(report, info, &content, pieces, &target.path).await?;
    Ok(if have.count() as usize == count { Finished::Same(content, have) } else { Finished::Different })
}

/// Whether some of a piece lies in a file that nobody wants.
fn is_cut(info: &Info, wanted: &Wanted, piece: u32) -> bool {
    let begin = info.layout().piece_offset(piece);
    let end = begin + u64::from(info.layout().piece_len(piece));
    let mut at = 0;
    info.files().iter().zip(&wanted.files).any(|(file, is_wanted)| {
        let (first, last) = (at, at + file.len);
        at = last;
        !is_wanted && !file.is_padding && first < end && begin < last
    })
}

async fn resume(report: &Report, info: &Info, part: &Part) -> Outcome<PieceSet> {
    let candidates = part.candidates(info);
    let checked = candidates.len();
    let started = Instant::now();
    let have = verify(report, info, part.content(), candidates, &part.target().part).await?;
    if checked > 0 {
        let bytes: u64 = have.iter().map(|piece| u64::from(info.layout().piece_len(piece))).sum();
        report.end_bar();
        report.note(&format!(
            "Found {} from before, checked {checked} pieces in {}",
            text::size(bytes),
            text::elapsed(started.elapsed()),
        ));
    }
    Ok(have)
}

/// Hashes the pieces, and returns those that are right.
///
/// # Errors
/// What reading says.
pub async fn verify(
    report: &Report,
    info: &Info,
    content: &Arc<Content>,
    pieces: Vec<u32>,
    path: &Path,
) -> Outcome<PieceSet> {
    let layout = *info.layout();
    let mut have = PieceSet::none(layout.pieces());
    if pieces.is_empty() {
        return Ok(have);
    }
    let total: u64 = pieces.iter().map(|&piece| u64::from(layout.piece_len(piece))).sum();
    let hashing = Hashing::start(content.clone(), layout, pieces);
    let mut show = |done: u64, bps: u64| report.hashing(done, total, bps);
    let digests = hashing.finish(&mut show).await.map_err(|error| Failure::file("read", path, &error))?;
    for (piece, digest) in digests {
        if digest == info.digest(piece) {
            have.insert(piece);
        }
    }
    Ok(have)
}

fn open_failure(error: OpenError, part: &Path) -> Failure {
    match error {
        OpenError::InUse => Failure::local_files(
            format!("{} is in use", part.display()),
            "Another native-peer is downloading into it: wait for it, or save elsewhere with -o.",
        ),
        OpenError::Io(error) => Failure::file("write", part, &error),
    }
}

fn check_room(part: &Part, info: &Info) -> Outcome {
    let folder = part.target().folder();
    let needed = part.bytes_to_allocate(info);
    match free_bytes(folder) {
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

/// Everything is verified: gives it its name.
///
/// # Errors
/// Something has that name meanwhile; the operating system.
pub async fn finish(part: Part, overwrite: bool) -> Outcome<Part> {
    let finished = tokio::task::spawn_blocking(move || (part.finish(overwrite), part)).await;
    let (result, part) = finished.map_err(|error| Failure::unexpected(error.to_string()))?;
    match result {
        Ok(()) => Ok(part),
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => Err(Failure::local_files(
            format!("{} has appeared meanwhile", part.target().path.display()),
            format!("The download is complete in {}.", part.target().part.display()),
        )),
        Err(error) => Err(Failure::file("finish", &part.target().path, &error)),
    }
}

/// Shows how far a download is. `true`: everything that is wanted is here.
///
/// # Errors
/// It cannot be written.
pub fn show(report: &Report, state: &SwarmState, part: &Part) -> Outcome<bool> {
    if let Some(error) = &state.storage_failure {
        let what = format!("cannot write {}", part.target().part.display());
        return Err(Failure::local_files(what, error.clone()));
    }
    report.downloading(&state.progress);
    Ok(state.is_complete)
}

/// What a download that the person stopped comes to.
pub fn interrupted(state: &SwarmState, part: &Part, name: &str) -> Failure {
    let progress = &state.progress;
    Failure::interrupted(
        format!("stopped at {} of {}", text::percent(progress.done, progress.total), text::printable(name)),
        format!("What is there is kept in {}: run the same command again to go on.", part.target().part.display()),
    )
}
