//! A torrent file on its way from the worker into the browser's downloads.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Whoever has these bytes can announce as the person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTorrent {
    /// What it is saved as.
    pub name: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Without the passkey that is in it.
impl fmt::Debug for OwnTorrent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OwnTorrent({:?})", self.name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_in_it_is_not_shown_by_accident() {
        let torrent = OwnTorrent { name: "movie.mp4.torrent".to_owned(), bytes: vec![171; 16] };
        assert_eq!(format!("{torrent:?}"), "OwnTorrent(\"movie.mp4.torrent\")");
    }
}
