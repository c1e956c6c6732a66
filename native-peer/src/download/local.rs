//! A download on this computer: what of it is wanted, what is here, and its end.

use std::path::Path;
use std::sync::Arc;

use metainfo::{FileSelection, Info};
use peer_engine::PieceSet;

use crate::failure::{Failure, Outcome, sentence};
use crate::report::{Report, text};
use crate::source::Hashing;
use crate::storage::{Content, Part, Target};
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

/// Shows how far a download is. `waits`: why nothing comes. `true`: everything that is wanted is here.
///
/// # Errors
/// It cannot be written.
pub fn show(report: &Report, state: &SwarmState, part: &Part, waits: Option<&str>) -> Outcome<bool> {
    if let Some(error) = &state.storage_failure {
        let what = format!("cannot write {}", part.target().part.display());
        return Err(Failure::local_files(what, error.clone()));
    }
    report.downloading(&state.progress, waits);
    Ok(state.is_complete)
}

/// What a download that the person stopped comes to.
pub fn interrupted(state: &SwarmState, part: &Part, name: &str) -> Failure {
    let progress = &state.progress;
    let kept = match progress.verified {
        0 => "Nothing was complete enough to be kept: run the same command again to begin.".to_owned(),
        _ => format!("What is there is kept in {}: run the same command again to go on.", part.target().part.display()),
    };
    let done = text::percent(progress.done, progress.total);
    Failure::interrupted(format!("stopped at {done} of {}", text::printable(name)), kept)
}
