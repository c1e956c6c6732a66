//! The extension handshake (BEP 10): a bencoded dictionary in `Extended { id: 0 }`.

use bendy::decoding::{Decoder as Bencode, Object};
use bendy::encoding::Encoder;

use crate::text::display_text;

/// What a peer says of itself. Unknown keys are ignored; the handshake may repeat.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExtensionHandshake {
    /// `v`: program and version, for people.
    pub client: Option<String>,
    /// `reqq`: how many requests it keeps waiting before it drops some.
    pub request_queue_max: Option<u32>,
    /// `upload_only` (BEP 21): wants nothing.
    pub upload_only: bool,
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
                dict.emit_pair_with(b"m", |m| m.emit_dict(|_| Ok(())))?;
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
                (b"reqq", Object::Integer(number)) => handshake.request_queue_max = number.parse().ok(),
                (b"upload_only", Object::Integer(number)) => handshake.upload_only = number != "0",
                _ => {}
            }
        }
        Some(handshake)
    }
}
