//! `info`: what is in a torrent file or a magnet link.

use std::time::{Duration, UNIX_EPOCH};

use metainfo::{Magnet, Metainfo};
use serde_json::{Value, json};

use crate::cli::InfoTarget;
use crate::failure::Outcome;
use crate::report::{Report, text};
use crate::torrent::origin;

/// The end of the year 9999, Unix seconds: later dates are not shown.
const DATES_END_S: u64 = 253_402_300_800;

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub fn info(target: &InfoTarget, report: &Report) -> Outcome {
    let (lines, object) = match target {
        InfoTarget::File(path) => {
            let torrent = origin::read(path)?;
            (torrent_lines(&torrent), torrent_object(&torrent))
        }
        InfoTarget::Magnet(magnet) => (magnet_lines(magnet), magnet_object(magnet)),
    };
    let lines: Vec<String> = lines.iter().map(|(what, text)| format!("{what:<11} {text}")).collect();
    report.result(&lines.join("\n"), || object);
    Ok(())
}

type Lines = Vec<(String, String)>;

fn torrent_lines(torrent: &Metainfo) -> Lines {
    let (info, layout) = (&torrent.info, torrent.info.layout());
    let mut lines = vec![
        line("name", text::printable(info.name())),
        line("size", format!("{} ({} bytes)", text::size(layout.total_len()), layout.total_len())),
        line("pieces", format!("{} of {}", layout.pieces(), text::binary_size(layout.nominal_piece_len()))),
        line("info-hash", info.info_hash().to_string()),
        line("version", if info.is_hybrid() { "1 and 2 (hybrid; read as version 1)" } else { "1" }.to_owned()),
        line("private", if info.is_private() { "yes" } else { "no" }.to_owned()),
    ];
    for (tier, urls) in (1..).zip(&torrent.trackers) {
        let what = if torrent.trackers.len() > 1 { format!("tracker {tier}") } else { "tracker".to_owned() };
        lines.extend(urls.iter().map(|url| line(&what, text::whole(url))));
    }
    lines.extend(torrent.web_seeds.iter().map(|url| line("web seed", text::whole(url))));
    lines.extend(torrent.comment.iter().map(|comment| line("comment", text::printable(comment))));
    lines.extend(torrent.created_by.iter().map(|program| line("created by", text::printable(program))));
    lines.extend(torrent.created_at_s.and_then(date).map(|date| line("created", date)));
    lines.push(line("magnet", torrent.magnet().to_string()));
    for (number, _, file) in info.numbered_files() {
        let path = text::whole(&file.path.join("/"));
        lines.push(line(&format!("file {number}"), format!("{path}  {}", text::size(file.len))));
    }
    lines
}

fn torrent_object(torrent: &Metainfo) -> Value {
    let (info, layout) = (&torrent.info, torrent.info.layout());
    let files: Vec<Value> = info
        .numbered_files()
        .map(|(number, _, file)| json!({"number": number, "path": file.path.join("/"), "bytes": file.len}))
        .collect();
    json!({
        "v": 1, "t": "info", "name": info.name(), "bytes": layout.total_len(), "pieces": layout.pieces(),
        "piece_len": layout.nominal_piece_len(), "info_hash": info.info_hash().to_string(),
        "hybrid": info.is_hybrid(), "private": info.is_private(), "announce": torrent.trackers.first().map(|tier| &tier[0]),
        "trackers": torrent.trackers, "web_seeds": torrent.web_seeds,
        "comment": torrent.comment.as_deref().map(text::whole),
        "created_by": torrent.created_by.as_deref().map(text::whole), "created_at_s": torrent.created_at_s,
        "magnet": torrent.magnet().to_string(), "files": files,
    })
}

fn magnet_lines(magnet: &Magnet) -> Lines {
    let mut lines: Lines = magnet.name.iter().map(|name| line("name", text::printable(name))).collect();
    lines.push(line("info-hash", magnet.info_hash.to_string()));
    lines.extend(magnet.trackers.iter().map(|url| line("tracker", text::whole(url))));
    lines.extend(magnet.web_seeds.iter().map(|url| line("web seed", text::whole(url))));
    lines.extend(magnet.peers.iter().map(|peer| line("peer", peer.to_string())));
    if !magnet.files.is_empty() {
        lines.push(line("files", format!("{} (the first is 0)", chosen(magnet).join(","))));
    }
    lines.push(line("magnet", magnet.to_string()));
    lines
}

fn magnet_object(magnet: &Magnet) -> Value {
    let peers: Vec<String> = magnet.peers.iter().map(ToString::to_string).collect();
    json!({
        "v": 1, "t": "magnet", "name": magnet.name.as_deref().map(text::whole),
        "info_hash": magnet.info_hash.to_string(), "trackers": magnet.trackers, "web_seeds": magnet.web_seeds,
        "peers": peers, "chosen": chosen(magnet), "magnet": magnet.to_string(),
    })
}

/// `0`, `4-8`.
fn chosen(magnet: &Magnet) -> Vec<String> {
    let range = |range: &std::ops::RangeInclusive<u32>| match (range.start(), range.end()) {
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    magnet.files.iter().map(range).collect()
}

fn line(what: &str, text: String) -> (String, String) {
    (what.to_owned(), text)
}

fn date(seconds: u64) -> Option<String> {
    (seconds < DATES_END_S).then(|| httpdate::fmt_http_date(UNIX_EPOCH + Duration::from_secs(seconds)))
}
