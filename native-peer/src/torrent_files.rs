//! `create` and `info`: torrent files without a server.

use std::path::Path;

use metainfo::Metainfo;
use serde_json::json;

use crate::cli::Create;
use crate::failure::{Failure, Outcome, sentence};
use crate::interrupt::Interrupt;
use crate::report::{Report, text};
use crate::source::Source;

/// Runs `create`.
///
/// # Errors
/// [`Failure`].
pub async fn create(plan: Create, report: &Report) -> Outcome {
    let interrupt = Interrupt::listen();
    let source = Source::open(&plan.path)?;
    let builder = source.builder(plan.piece_len)?;
    let show = |done: u64, bps: u64| report.hashing(done, source.stamp.len, bps);
    let info = tokio::select! {
        info = source.hash(builder, show) => info?,
        () = interrupt.asked() => return Err(Failure::interrupted("stopped before the torrent was made", "Nothing was written.")),
    };
    let (info_hash, layout) = (info.info_hash(), *info.layout());
    let torrent = Metainfo { info, announce: None };
    std::fs::write(&plan.output, torrent.encode()).map_err(|error| Failure::file("write", &plan.output, &error))?;
    report.ready(&info_hash, layout.pieces(), layout.nominal_piece_len());
    report.note(&format!("Torrent   {}", plan.output.display()));
    Ok(())
}

/// Runs `info`.
///
/// # Errors
/// [`Failure`].
pub fn info(path: &Path, report: &Report) -> Outcome {
    let torrent = read_torrent(path)?;
    let info = &torrent.info;
    let layout = info.layout();
    let mut lines = vec![
        format!("name        {}", text::printable(info.name())),
        format!("size        {} ({} bytes)", text::size(layout.total_len()), layout.total_len()),
        format!("pieces      {} of {}", layout.pieces(), text::binary_size(layout.nominal_piece_len())),
        format!("info-hash   {}", info.info_hash()),
        format!("private     {}", if info.is_private() { "yes" } else { "no" }),
    ];
    if let Some(announce) = &torrent.announce {
        lines.push(format!("tracker     {}", text::printable(announce)));
    }
    for file in info.files().iter().filter(|file| !file.is_padding) {
        lines.push(format!("file        {}  {}", text::printable(&file.path.join("/")), text::size(file.len)));
    }
    report.result(&lines.join("\n"), || {
        let files = info.files().iter().filter(|file| !file.is_padding);
        let files: Vec<_> = files.map(|file| json!({"path": file.path.join("/"), "bytes": file.len})).collect();
        json!({
            "v": 1, "t": "info", "name": info.name(), "bytes": layout.total_len(), "pieces": layout.pieces(),
            "piece_len": layout.nominal_piece_len(), "info_hash": info.info_hash().to_string(),
            "private": info.is_private(), "announce": torrent.announce, "files": files,
        })
    });
    Ok(())
}

fn read_torrent(path: &Path) -> Outcome<Metainfo> {
    let not_a_torrent = |advice: String| Failure::bad_data(format!("{} is not a torrent", path.display()), advice);
    let metadata = std::fs::metadata(path).map_err(|error| Failure::file("read", path, &error))?;
    if metadata.len() > metainfo::METAINFO_LEN_MAX as u64 {
        return Err(not_a_torrent(format!("It has {}; torrent files are small.", text::size(metadata.len()))));
    }
    let bytes = std::fs::read(path).map_err(|error| Failure::file("read", path, &error))?;
    Metainfo::parse(&bytes).map_err(|error| not_a_torrent(sentence(&error.to_string())))
}
