//! What of a file is here already, and where it is to go.

use std::fs::File;
use std::sync::Arc;
use std::time::Instant;

use metainfo::Info;
use peer_engine::PieceSet;

use crate::cli::Existing;
use crate::failure::{Failure, Outcome};
use crate::online::Online;
use crate::report::text;
use crate::source::Hashing;
use crate::storage::{OpenError, PartFile, Target, free_bytes};

/// Where a download begins.
pub enum Start {
    /// The finished file is there.
    Complete(Arc<File>, Target),
    /// Some or no pieces are there.
    Partial(PartFile, PieceSet),
}

/// Looks for the finished file and for a `.part`, and verifies what there is.
///
/// # Errors
/// A different file has the name; no room; the operating system.
pub async fn look(online: &Online, info: &Info, target: Target, existing: Existing) -> Outcome<Start> {
    let target = match look_for_finished(online, info, &target).await? {
        Finished::Absent => target,
        Finished::Same(file) => return Ok(Start::Complete(file, target)),
        Finished::Different => match existing {
            Existing::Overwrite => target,
            Existing::Rename => target.with_free_name(),
            Existing::Keep => {
                let what = format!("{} exists and is a different file", target.path.display());
                return Err(Failure::local_files(
                    what,
                    "Use --rename to save beside it, or --overwrite to replace it.",
                ));
            }
        },
    };
    let layout = info.layout();
    let path = target.part.clone();
    let part = PartFile::open(target, layout).map_err(|error| open_failure(error, &path))?;
    let have = resume(online, info, &part).await?;
    check_room(&part, info)?;
    Ok(Start::Partial(part, have))
}

/// What has the final name.
enum Finished {
    Absent,
    Same(Arc<File>),
    Different,
}

async fn look_for_finished(online: &Online, info: &Info, target: &Target) -> Outcome<Finished> {
    let metadata = match std::fs::metadata(&target.path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Finished::Absent),
        Err(error) => return Err(Failure::file("look at", &target.path, &error)),
    };
    if !metadata.is_file() || metadata.len() != info.layout().total_len() {
        return Ok(Finished::Different);
    }
    let file = File::open(&target.path).map_err(|error| Failure::file("read", &target.path, &error))?;
    let file = Arc::new(file);
    let all = (0..info.layout().pieces()).collect();
    let have = verify(online, info, &file, all, &target.path).await?;
    Ok(if have.is_full() { Finished::Same(file) } else { Finished::Different })
}

async fn resume(online: &Online, info: &Info, part: &PartFile) -> Outcome<PieceSet> {
    let candidates = part.candidates(info.layout());
    let checked = candidates.len();
    let started = Instant::now();
    let have = verify(online, info, part.file(), candidates, &part.target().part).await?;
    if checked > 0 {
        let bytes: u64 = have.iter().map(|piece| u64::from(info.layout().piece_len(piece))).sum();
        online.report.end_bar();
        online.report.note(&format!(
            "Found {} from before, checked {checked} pieces in {}",
            text::size(bytes),
            text::elapsed(started.elapsed()),
        ));
    }
    Ok(have)
}

/// Hashes the pieces, and returns those that are right.
async fn verify(
    online: &Online,
    info: &Info,
    file: &Arc<File>,
    pieces: Vec<u32>,
    path: &std::path::Path,
) -> Outcome<PieceSet> {
    let layout = *info.layout();
    let mut have = PieceSet::none(layout.pieces());
    if pieces.is_empty() {
        return Ok(have);
    }
    let total: u64 = pieces.iter().map(|&piece| u64::from(layout.piece_len(piece))).sum();
    let hashing = Hashing::start(file.clone(), layout, pieces);
    let mut show = |done: u64, bps: u64| online.report.hashing(done, total, bps);
    let digests = online.guarded("checking what is there", hashing.finish(&mut show)).await?;
    let digests = digests.map_err(|error| Failure::file("read", path, &error))?;
    for (piece, digest) in digests {
        if digest == info.digest(piece) {
            have.insert(piece);
        }
    }
    Ok(have)
}

fn open_failure(error: OpenError, part: &std::path::Path) -> Failure {
    match error {
        OpenError::InUse => Failure::local_files(
            format!("{} is in use", part.display()),
            "Another native-peer is downloading into it: wait for it, or save elsewhere with -o.",
        ),
        OpenError::Io(error) => Failure::file("write", part, &error),
    }
}

fn check_room(part: &PartFile, info: &Info) -> Outcome {
    let folder = part.target().folder();
    let needed = part.bytes_to_allocate(info.layout());
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
