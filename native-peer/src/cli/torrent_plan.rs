//! What `create` and `info` were asked for.

use std::path::PathBuf;

use metainfo::{COMMENT_LEN_MAX, Magnet, MagnetError, URLS_MAX, is_magnet};

use super::args::{CreateArgs, InfoArgs};
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
    let magnet = link.parse().map_err(|error: MagnetError| {
        let (what, advice) = ("this magnet link cannot be used", sentence(&error.to_string()));
        match error {
            MagnetError::OnlyV2 => Failure::bad_data(what, advice),
            _ => Failure::usage(what, advice),
        }
    })?;
    Ok(InfoTarget::Magnet(magnet))
}
