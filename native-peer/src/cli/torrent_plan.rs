//! What `create`, `info`, `seed` and `download` of a torrent were asked for.

use std::path::PathBuf;

use metainfo::{COMMENT_LEN_MAX, FileSelection, Magnet, MagnetError, PeerAddress, URLS_MAX, is_magnet};

use super::args::{CreateArgs, InfoArgs, PeerArgs, SeedArgs};
use super::plan::{Fetch, Tuning};
use crate::failure::{Failure, Outcome, sentence};

/// A torrent file to be made.
#[derive(Debug)]
pub struct Create {
    /// The file or folder.
    pub path: PathBuf,
    /// The torrent file.
    pub output: PathBuf,
    /// Bytes.
    pub piece_len: Option<u32>,
    /// Each a tier of its own.
    pub trackers: Vec<String>,
    pub web_seeds: Vec<String>,
    /// BEP 27.
    pub is_private: bool,
    pub comment: Option<String>,
    /// Hidden files and folders are in it.
    pub takes_hidden: bool,
}

/// What is to be shown.
#[derive(Debug)]
pub enum InfoTarget {
    /// A torrent file.
    File(PathBuf),
    /// A magnet link.
    Magnet(Magnet),
}

pub fn plan_create(args: CreateArgs) -> Outcome<Create> {
    for (urls, what) in [(&args.trackers, "trackers"), (&args.web_seeds, "web seeds")] {
        if urls.len() > URLS_MAX {
            return Err(Failure::usage(
                format!("{} {what} given", urls.len()),
                format!("At most {URLS_MAX} are read."),
            ));
        }
    }
    let comment = args.comment.filter(|comment| !comment.is_empty());
    if comment.as_ref().is_some_and(|comment| comment.len() > COMMENT_LEN_MAX) {
        let advice = format!("At most {COMMENT_LEN_MAX} bytes are read.");
        return Err(Failure::usage("the comment is too long", advice));
    }
    Ok(Create {
        path: args.path,
        output: args.output,
        piece_len: args.piece_size,
        trackers: args.trackers,
        web_seeds: args.web_seeds,
        is_private: args.private,
        comment,
        takes_hidden: args.hidden,
    })
}

pub fn plan_info(args: InfoArgs) -> Outcome<InfoTarget> {
    let Some(link) = args.target.to_str().filter(|text| is_magnet(text)) else {
        return Ok(InfoTarget::File(args.target));
    };
    Ok(InfoTarget::Magnet(parse_magnet(link)?))
}

fn parse_magnet(link: &str) -> Outcome<Magnet> {
    link.parse().map_err(|error: MagnetError| {
        let (what, advice) = ("this magnet link cannot be used", sentence(&error.to_string()));
        match error {
            MagnetError::OnlyV2 => Failure::bad_data(what, advice),
            _ => Failure::usage(what, advice),
        }
    })
}

/// Where a torrent comes from.
#[derive(Debug)]
pub enum TorrentOrigin {
    /// A torrent file.
    File(PathBuf),
    /// A torrent file at `http://` or `https://`.
    Url(String),
    /// A magnet link: the torrent itself comes from peers.
    Magnet(Magnet),
}

/// Where a torrent's peers are found, beside its trackers.
#[derive(Debug)]
pub struct PeerSources {
    /// These.
    pub named: Vec<PeerAddress>,
    /// The distributed hash table.
    pub dht: bool,
    /// The local network.
    pub lan: bool,
}

/// A torrent to be downloaded.
#[derive(Debug)]
pub struct TorrentDownload {
    pub origin: TorrentOrigin,
    /// Which of its files; `None`: those that a magnet link names, or all.
    pub files: Option<FileSelection>,
    pub peers: PeerSources,
    /// Web seeds in private networks and on this machine are asked.
    pub allows_private: bool,
    pub fetch: Fetch,
}

/// A torrent to be served.
#[derive(Debug)]
pub struct Seed {
    pub torrent: PathBuf,
    /// The file, or the folder.
    pub path: Option<PathBuf>,
    pub peers: PeerSources,
    pub tuning: Tuning,
}

/// Whether a text means a torrent, and where that is. An invite is none.
///
/// # Errors
/// A magnet link that cannot be used.
pub fn torrent_origin(target: &str) -> Outcome<Option<TorrentOrigin>> {
    if is_magnet(target) {
        return Ok(Some(TorrentOrigin::Magnet(parse_magnet(target)?)));
    }
    let is_url = target.starts_with("http://") || target.starts_with("https://");
    // An invite's address ends with its secret, behind a `#`.
    let path = target.split(['?', '#']).next().unwrap_or_default();
    Ok(match is_url {
        true if path.to_ascii_lowercase().ends_with(".torrent") => Some(TorrentOrigin::Url(target.to_owned())),
        false if target.to_ascii_lowercase().ends_with(".torrent") => Some(TorrentOrigin::File(target.into())),
        _ => None,
    })
}

/// # Errors
/// A choice of files that is none.
pub fn plan_torrent(
    origin: TorrentOrigin,
    files: Option<&str>,
    peers: PeerSources,
    allows_private: bool,
    fetch: Fetch,
) -> Outcome<TorrentDownload> {
    Ok(TorrentDownload { origin, files: parse_selection(files)?, peers, allows_private, fetch })
}

/// # Errors
/// A choice of files that is none.
pub fn parse_selection(typed: Option<&str>) -> Outcome<Option<FileSelection>> {
    let parse = |text: &str| {
        text.parse::<FileSelection>()
            .map_err(|error| Failure::usage(format!("--files `{text}` cannot be used"), sentence(&error.to_string())))
    };
    typed.map(parse).transpose()
}

/// # Errors
/// An address that is none.
pub fn plan_seed(args: SeedArgs) -> Outcome<Seed> {
    Ok(Seed { torrent: args.torrent, path: args.path, peers: args.peers.sources()?, tuning: args.tuning.tuning() })
}

impl PeerArgs {
    /// # Errors
    /// An address that is none.
    pub fn sources(&self) -> Outcome<PeerSources> {
        Ok(PeerSources { named: parse_peers(&self.named)?, dht: !self.no_dht, lan: !self.no_lan })
    }
}

/// # Errors
/// One that is no address.
pub fn parse_peers(typed: &[String]) -> Outcome<Vec<PeerAddress>> {
    let parse = |text: &String| {
        text.parse().map_err(|_| Failure::usage(format!("`{text}` is no peer"), "Give it as HOST:PORT."))
    };
    typed.iter().map(parse).collect()
}
