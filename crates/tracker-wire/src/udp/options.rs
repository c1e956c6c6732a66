//! Options behind an announce (BEP 41).

use super::packet::{PacketError, take};

const END: u8 = 0;
const NOTHING: u8 = 1;
const URL_DATA: u8 = 2;
/// The most that one option holds, bytes.
const OPTION_LEN_MAX: usize = 255;
/// The longest path and query that are kept, bytes.
const URL_DATA_LEN_MAX: usize = 1024;

/// The path and the query of a `udp://` URL, which may hold a passkey; empty: it has none.
///
/// ```
/// # use tracker_wire::udp::url_data;
/// assert_eq!(url_data("udp://tracker.example:80/announce?key=1#x"), "/announce?key=1");
/// assert_eq!(url_data("udp://tracker.example:80"), "");
/// ```
pub fn url_data(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    let behind_scheme = url.find("://").map_or(0, |at| at + "://".len());
    url[behind_scheme..].find(['/', '?']).map_or("", |at| &url[behind_scheme + at..])
}

/// In as many options as it takes.
pub(super) fn encode(url_data: &[u8], packet: &mut Vec<u8>) {
    for part in url_data.chunks(OPTION_LEN_MAX) {
        packet.extend_from_slice(&[URL_DATA, part.len() as u8]);
        packet.extend_from_slice(part);
    }
}

/// The URL data. Options that are not known are skipped.
pub(super) fn decode(mut options: &[u8]) -> Result<Vec<u8>, PacketError> {
    let mut url_data = Vec::new();
    while let Ok([kind]) = take(&mut options) {
        match kind {
            END => break,
            NOTHING => {}
            kind => {
                let [len] = take(&mut options).map_err(|_| PacketError::Option)?;
                let (value, rest) = options.split_at_checked(usize::from(len)).ok_or(PacketError::Option)?;
                options = rest;
                if kind == URL_DATA && url_data.len() + value.len() <= URL_DATA_LEN_MAX {
                    url_data.extend_from_slice(value);
                }
            }
        }
    }
    Ok(url_data)
}
