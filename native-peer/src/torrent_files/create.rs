//! `create`: a torrent file of a file or a folder.

use std::time::{SystemTime, UNIX_EPOCH};

use metainfo::Metainfo;
use serde_json::json;

use super::output::{Output, Readers};
use crate::cli::Create;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::report::Report;
use crate::source::Source;

/// What the torrent says that made it.
const CREATED_BY: &str = concat!("Covey native-peer ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn create(plan: Create, report: &Report) -> Outcome {
    let interrupt = Interrupt::listen();
    let output = Output::look(&plan.output, Readers::Usual)?;
    let (plan, torrent, left_out) = tokio::select! {
        made = make(plan, report) => made?,
        () = interrupt.asked() => return Err(Failure::interrupted("stopped before the torrent was made", "Nothing was written.")),
    };
    output.write(&torrent, &torrent.encode())?;
    let layout = torrent.info.layout();
    report.ready(&torrent.info.info_hash(), layout.pieces(), layout.nominal_piece_len());
    report.note(&format!("Torrent   {}", plan.output.display()));
    for note in notes(&torrent) {
        report.note(note);
    }
    let magnet = torrent.magnet().to_string();
    report.result(&magnet, || {
        json!({
            "v": 1, "t": "created", "path": plan.output.display().to_string(), "name": torrent.info.name(),
            "info_hash": torrent.info.info_hash().to_string(), "magnet": magnet, "bytes": layout.total_len(),
            "files": torrent.info.files().len(), "left_out": left_out, "private": torrent.info.is_private(),
        })
    });
    Ok(())
}

/// The torrent, and how many things of a folder are not in it.
async fn make(plan: Create, report: &Report) -> Outcome<(Create, Metainfo, usize)> {
    // Looking through a folder may take long, and must not hold up Ctrl-C.
    let source = Source::open_elsewhere(&plan.path, plan.takes_hidden, Some(&plan.output)).await?;
    source.notes().iter().for_each(|note| report.note(note));
    let left_out = source.left_out();
    let builder = source.builder(plan.piece_len)?.private(plan.is_private);
    let total_len = builder.layout().total_len();
    let info = source.hash(builder, |done, bps| report.hashing(done, total_len, bps)).await?;
    let torrent = Metainfo {
        trackers: plan.trackers.iter().map(|url| vec![url.clone()]).collect(),
        web_seeds: plan.web_seeds.clone(),
        comment: plan.comment.clone(),
        created_by: Some(CREATED_BY.to_owned()),
        created_at_s: SystemTime::now().duration_since(UNIX_EPOCH).ok().map(|since| since.as_secs()),
        ..Metainfo::from(info)
    };
    Ok((plan, torrent, left_out))
}

/// What is worth knowing of a torrent before it is given away.
fn notes(torrent: &Metainfo) -> Vec<&'static str> {
    if !torrent.info.is_private() {
        return Vec::new();
    }
    let mut notes = vec!["It is private: most clients need the torrent file; the magnet link is not enough for them."];
    if torrent.trackers.is_empty() {
        notes.push("It is private and names no tracker: no client finds peers by itself. Give one with --tracker.");
    }
    notes
}
