//! Where a torrent comes from.

use std::error::Error;
use std::io::Read;
use std::path::Path;

use metainfo::{InfoError, METAINFO_LEN_MAX, Metainfo};

use crate::failure::{Failure, Outcome, sentence};
use crate::http::file_client;
use crate::report::text;
use crate::storage::to_read;

/// Reads a torrent file.
///
/// # Errors
/// It cannot be read, or is none.
pub fn read(path: &Path) -> Outcome<Metainfo> {
    let shown = path.display().to_string();
    let failure = |error: std::io::Error| Failure::file("read", path, &error);
    let mut file = to_read(path).map_err(failure)?;
    let len = file.metadata().map_err(failure)?.len();
    if len > METAINFO_LEN_MAX as u64 {
        let size = text::size(len);
        return Err(Failure::bad_data(not_a_torrent(&shown), format!("It has {size}; torrent files are small.")));
    }
    let mut bytes = Vec::new();
    file.by_ref().take(METAINFO_LEN_MAX as u64).read_to_end(&mut bytes).map_err(failure)?;
    parse(&bytes, &shown)
}

fn parse(bytes: &[u8], shown: &str) -> Outcome<Metainfo> {
    Metainfo::parse(bytes).map_err(|error| {
        let what = match error {
            InfoError::OnlyV2 => format!("{shown} cannot be used"),
            _ => not_a_torrent(shown),
        };
        Failure::bad_data(what, sentence(&error.to_string()))
    })
}

fn not_a_torrent(shown: &str) -> String {
    format!("{shown} is not a torrent")
}

/// Fetches a torrent file over HTTP.
///
/// # Errors
/// It cannot be fetched, or is none.
pub async fn fetch(url: &str) -> Outcome<Metainfo> {
    let shown = text::printable(url);
    let failed = |why: String| Failure::no_source(format!("cannot fetch {shown}"), why);
    let bytes = get(url).await.map_err(failed)?;
    parse(&bytes, &shown)
}

async fn get(url: &str) -> Result<Vec<u8>, String> {
    // The cause says more than that there is no answer.
    let say = |error: reqwest::Error| {
        let error = error.without_url();
        let causes = std::iter::successors(error.source(), |cause| (*cause).source());
        sentence(&causes.last().map_or_else(|| error.to_string(), ToString::to_string))
    };
    let client = file_client().map_err(say)?;
    let mut response = client.get(url).send().await.map_err(say)?;
    if !response.status().is_success() {
        return Err(format!("The server says {}.", response.status()));
    }
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(say)? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > METAINFO_LEN_MAX {
            return Err("It is too long for a torrent file.".to_owned());
        }
    }
    Ok(bytes)
}
