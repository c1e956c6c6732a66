//! The extension handshake (BEP 10): a bencoded dictionary in `Extended { id: 0 }`.

use bendy::decoding::{Decoder as Bencode, DictDecoder, ListDecoder, Object};
use bendy::encoding::{Encoder, Error, SortedDictEncoder};

use crate::text::display_text;

/// By which number whoever sends this wants to be sent an extension's messages; `None`: it does not speak it, 0: it
/// does so no more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ExtensionIds {
    /// `ut_metadata` (BEP 9): the info dictionary.
    pub metadata: Option<u8>,
    /// `ut_pex` (BEP 11): other peers.
    pub pex: Option<u8>,
    /// `lt_donthave` (BEP 54): a piece that it has no more.
    pub dont_have: Option<u8>,
}

/// A peer that a bridge fetches from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Behind {
    /// Program and version, for people; 64 characters are kept.
    pub client: String,
    /// It sent bad data, and nothing is fetched from it any more.
    pub is_banned: bool,
}

/// Peers behind a bridge that are told of.
pub const BEHIND_MAX: usize = 8;

/// What a peer says of itself. Unknown keys are ignored; the handshake may repeat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtensionHandshake {
    /// `m`: the extensions that it speaks.
    pub ids: ExtensionIds,
    /// `metadata_size` (BEP 9): the info dictionary's, bytes.
    pub metadata_len: Option<u32>,
    /// `p`: the port on which it accepts connections.
    pub port: Option<u16>,
    /// `v`: program and version, for people.
    pub client: Option<String>,
    /// `reqq`: how many requests it keeps waiting before it drops some.
    pub request_queue_max: Option<u32>,
    /// `upload_only` (BEP 21): wants nothing.
    pub upload_only: bool,
    /// `cv_behind`, `cv_banned`: the peers that this one, a bridge, fetches from, and those that it has done with;
    /// [`BEHIND_MAX`] are read. `None`: it names none and changes nothing.
    pub behind: Option<Vec<Behind>>,
}

/// Characters of `v` that are kept.
const CLIENT_CHARS_MAX: usize = 64;
/// Nesting of dictionaries that is read.
const DEPTH_MAX: usize = 8;

impl ExtensionHandshake {
    /// The dictionary as it goes into the payload; keys that say nothing are left out.
    pub fn encode(&self) -> Vec<u8> {
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder
            .emit_dict(|mut dict| {
                for (key, is_banned) in [(&b"cv_banned"[..], true), (b"cv_behind", false)] {
                    if let Some(behind) = &self.behind {
                        let named = behind.iter().filter(|behind| behind.is_banned == is_banned);
                        dict.emit_pair_with(key, |list| {
                            list.emit_list(|list| named.clone().try_for_each(|behind| list.emit_str(&behind.client)))
                        })?;
                    }
                }
                dict.emit_pair_with(b"m", |m| m.emit_dict(|m| self.ids.emit(m)))?;
                if let Some(len) = self.metadata_len {
                    dict.emit_pair(b"metadata_size", len)?;
                }
                if let Some(port) = self.port {
                    dict.emit_pair(b"p", port)?;
                }
                if let Some(max) = self.request_queue_max {
                    dict.emit_pair(b"reqq", max)?;
                }
                if self.upload_only {
                    dict.emit_pair(b"upload_only", 1u8)?;
                }
                if let Some(client) = &self.client {
                    dict.emit_pair(b"v", client.as_str())?;
                }
                Ok(())
            })
            .expect("strings and integers always encode");
        encoder.get_output().expect("the dictionary is closed")
    }

    /// Reads what is known; `None` if it is not bencode. Data behind the dictionary is ignored.
    pub fn decode(payload: &[u8]) -> Option<Self> {
        let mut decoder = Bencode::new(payload).with_max_depth(DEPTH_MAX);
        let mut dict = decoder.next_object().ok()??.try_into_dictionary().ok()?;
        let mut handshake = Self::default();
        while let Some((key, value)) = dict.next_pair().ok()? {
            match (key, value) {
                (b"v", Object::Bytes(name)) => {
                    handshake.client = Some(display_text(&String::from_utf8_lossy(name), CLIENT_CHARS_MAX));
                }
                (b"cv_banned", Object::List(names)) => handshake.read_behind(names, true)?,
                (b"cv_behind", Object::List(names)) => handshake.read_behind(names, false)?,
                (b"m", Object::Dict(ids)) => handshake.ids = ExtensionIds::read(ids)?,
                (b"metadata_size", Object::Integer(number)) => handshake.metadata_len = number.parse().ok(),
                (b"p", Object::Integer(number)) => {
                    handshake.port = number.parse().ok().filter(|port| *port != 0);
                }
                (b"reqq", Object::Integer(number)) => handshake.request_queue_max = number.parse().ok(),
                (b"upload_only", Object::Integer(number)) => handshake.upload_only = number != "0",
                _ => {}
            }
        }
        Some(handshake)
    }

    fn read_behind(&mut self, mut names: ListDecoder<'_, '_>, is_banned: bool) -> Option<()> {
        let behind = self.behind.get_or_insert_default();
        while let Some(name) = names.next_object().ok()? {
            if let Object::Bytes(name) = name
                && behind.len() < BEHIND_MAX
            {
                let client = display_text(&String::from_utf8_lossy(name), CLIENT_CHARS_MAX);
                behind.push(Behind { client, is_banned });
            }
        }
        Some(())
    }
}

impl ExtensionIds {
    fn emit(self, mut dict: SortedDictEncoder<'_>) -> Result<(), Error> {
        let known = [(&b"lt_donthave"[..], self.dont_have), (b"ut_metadata", self.metadata), (b"ut_pex", self.pex)];
        for (name, id) in known {
            if let Some(id) = id {
                dict.emit_pair(name, id)?;
            }
        }
        Ok(())
    }

    fn read(mut dict: DictDecoder<'_, '_>) -> Option<Self> {
        let mut ids = Self::default();
        while let Some((name, value)) = dict.next_pair().ok()? {
            let Object::Integer(number) = value else { continue };
            let id = number.parse().ok();
            match name {
                b"lt_donthave" => ids.dont_have = id,
                b"ut_metadata" => ids.metadata = id,
                b"ut_pex" => ids.pex = id,
                _ => {}
            }
        }
        Some(ids)
    }

    /// What a repeated handshake changes (BEP 10): what it does not name stays.
    pub fn merge(&mut self, news: Self) {
        let merge = |before: &mut Option<u8>, news: Option<u8>| *before = news.or(*before).filter(|id| *id != 0);
        merge(&mut self.metadata, news.metadata);
        merge(&mut self.pex, news.pex);
        merge(&mut self.dont_have, news.dont_have);
    }
}
