//! Where a `<video>` finds a file of a download: `/play/FILE/INDEX`, and subtitles at `/play/FILE/INDEX.vtt`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use wire_protocol::ids::FileId;

const FOLDER: &str = "/play/";
/// Ends the address of subtitles.
const SUBTITLES: &str = ".vtt";

/// What is wanted of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum What {
    /// As it lies in the torrent.
    Bytes,
    /// Subtitles, as a browser reads them.
    Subtitles,
}

/// One file of a download.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MediaAddress {
    /// The card.
    pub file: FileId,
    /// Which file of the torrent.
    pub index: u32,
    pub what: What,
}

impl fmt::Display for MediaAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = if self.what == What::Subtitles { SUBTITLES } else { "" };
        write!(f, "{FOLDER}{}/{}{end}", self.file, self.index)
    }
}

/// The path is none of these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NoMedia;

impl FromStr for MediaAddress {
    type Err = NoMedia;

    fn from_str(path: &str) -> Result<Self, NoMedia> {
        let (file, index) = path.strip_prefix(FOLDER).and_then(|rest| rest.split_once('/')).ok_or(NoMedia)?;
        let (index, what) = match index.strip_suffix(SUBTITLES) {
            Some(index) => (index, What::Subtitles),
            None => (index, What::Bytes),
        };
        let is_number = index.bytes().all(|digit| digit.is_ascii_digit());
        let index = index.parse().ok().filter(|_| is_number).ok_or(NoMedia)?;
        Ok(Self { file: file.parse().map_err(|_| NoMedia)?, index, what })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_as_it_is_written() {
        for (index, what) in [(0, What::Bytes), (17, What::Subtitles)] {
            let address = MediaAddress { file: FileId([0xab; 16]), index, what };
            assert_eq!(address.to_string().parse(), Ok(address), "{address}");
        }
    }

    #[test]
    fn nothing_else_is_one() {
        let file = FileId([1; 16]).to_string();
        let file = file.as_str();
        let paths = [
            "",
            "/play/",
            "/play/1/0",
            &format!("/play/{file}"),
            &format!("/play/{file}/"),
            &format!("/play/{file}/+1"),
            &format!("/play/{file}/-1"),
            &format!("/play/{file}/4294967296"),
            &format!("/play/{file}/1/2"),
            &format!("play/{file}/1"),
        ];
        for path in paths {
            assert_eq!(path.parse::<MediaAddress>(), Err(NoMedia), "{path}");
        }
    }
}
