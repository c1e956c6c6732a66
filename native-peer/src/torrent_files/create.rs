//! `create`: a torrent file of a file or a folder.

use std::time::{SystemTime, UNIX_EPOCH};

use metainfo::{Info, InfoBuilder, Metainfo};
use serde_json::json;

use crate::cli::Create;
use crate::failure::{Failure, Outcome};
use crate::interrupt::Interrupt;
use crate::report::{Report, text};
use crate::source::{Folder, Source};

/// What the torrent says that made it.
const CREATED_BY: &str = concat!("Covey native-peer ", env!("CARGO_PKG_VERSION"));

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub async fn create(plan: Create, report: &Report) -> Outcome {
    let interrupt = Interrupt::listen();
    let (plan, torrent, left_out) = tokio::select! {
        made = make(plan, report) => made?,
        () = interrupt.asked() => return Err(Failure::interrupted("stopped before the torrent was made", "Nothing was written.")),
    };
    std::fs::write(&plan.output, torrent.encode()).map_err(|error| Failure::file("write", &plan.output, &error))?;
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
    let opening = tokio::task::spawn_blocking(move || Content::open(&plan).map(|content| (plan, content)));
    let (plan, content) = opening.await.map_err(|error| Failure::unexpected(error.to_string()))??;
    let left_out = content.tell(report);
    let builder = content.builder(plan.piece_len)?.private(plan.is_private);
    let total_len = builder.layout().total_len();
    let info = content.hash(builder, |done, bps| report.hashing(done, total_len, bps)).await?;
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

enum Content {
    File(Source),
    Folder(Folder),
}

impl Content {
    fn open(plan: &Create) -> Outcome<Self> {
        if plan.path.is_dir() {
            return Folder::open(&plan.path, plan.takes_hidden, &plan.output).map(Self::Folder);
        }
        Source::open(&plan.path).map(Self::File)
    }

    /// Says what is not in the torrent as it is on disk.
    fn tell(&self, report: &Report) -> usize {
        match self {
            Self::File(source) => {
                if let Some(own_name) = &source.renamed_from {
                    let (own_name, name) = (text::printable(own_name), text::printable(&source.name));
                    report.note(&format!("It is called {name} in the torrent: {own_name} cannot be used everywhere."));
                }
                0
            }
            Self::Folder(folder) => {
                folder.left_out.sentences().iter().for_each(|sentence| report.note(sentence));
                folder.left_out.count()
            }
        }
    }

    fn builder(&self, piece_len: Option<u32>) -> Outcome<InfoBuilder> {
        match self {
            Self::File(source) => source.builder(piece_len),
            Self::Folder(folder) => folder.builder(piece_len),
        }
    }

    async fn hash(&self, builder: InfoBuilder, show: impl FnMut(u64, u64)) -> Outcome<Info> {
        match self {
            Self::File(source) => source.hash(builder, show).await,
            Self::Folder(folder) => folder.hash(builder, show).await,
        }
    }
}
