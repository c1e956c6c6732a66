//! `ut_metadata` (BEP 9): the info dictionary, in parts, from peers that have it.

use bendy::decoding::{Decoder as Bencode, Object};
use bendy::encoding::Encoder;
use bytes::Bytes;

/// A part of the info dictionary but the last, bytes.
pub const METADATA_PART_LEN: usize = 16 * 1024;
/// Nesting of dictionaries that is read.
const DEPTH_MAX: usize = 2;
/// The dictionary before the data, at most, bytes. Those of other clients have about 50.
const HEAD_LEN_MAX: usize = 256;

/// A message of `ut_metadata`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MetadataMessage {
    /// Asks for a part.
    Request {
        /// Which.
        part: u32,
    },
    /// A part. `data` shares storage with what was received.
    Data {
        /// Which.
        part: u32,
        /// Length of the whole info dictionary, bytes.
        total_len: u32,
        /// [`METADATA_PART_LEN`] bytes; of the last part what is left.
        data: Bytes,
    },
    /// It has it not, or does not give it now.
    Reject {
        /// Which.
        part: u32,
    },
}

impl MetadataMessage {
    /// As it goes into the payload.
    pub fn encode(&self) -> Vec<u8> {
        let (kind, part, total_len) = match self {
            Self::Request { part } => (0u8, part, None),
            Self::Data { part, total_len, .. } => (1, part, Some(total_len)),
            Self::Reject { part } => (2, part, None),
        };
        let mut encoder = Encoder::new().with_max_depth(DEPTH_MAX);
        encoder
            .emit_dict(|mut dict| {
                dict.emit_pair(b"msg_type", kind)?;
                dict.emit_pair(b"piece", *part)?;
                total_len.map_or(Ok(()), |len| dict.emit_pair(b"total_size", *len))
            })
            .expect("integers always encode");
        let mut payload = encoder.get_output().expect("the dictionary is closed");
        if let Self::Data { data, .. } = self {
            payload.extend_from_slice(data);
        }
        payload
    }

    /// Reads one; `None`: not such a message, or of a kind that is not known, which BEP 9 says to ignore.
    pub fn decode(payload: &Bytes) -> Option<Self> {
        let head_len = dictionary_len(payload)?;
        let mut decoder = Bencode::new(&payload[..head_len]).with_max_depth(DEPTH_MAX);
        let mut dict = decoder.next_object().ok()??.try_into_dictionary().ok()?;
        let (mut kind, mut part, mut total_len) = (None, None, None);
        while let Some((key, value)) = dict.next_pair().ok()? {
            let Object::Integer(number) = value else { continue };
            let number = number.parse::<u32>().ok();
            match key {
                b"msg_type" => kind = number,
                b"piece" => part = number,
                b"total_size" => total_len = number,
                _ => {}
            }
        }
        let part = part?;
        match kind? {
            0 => Some(Self::Request { part }),
            1 => {
                let data = payload.slice(head_len..);
                (data.len() <= METADATA_PART_LEN).then_some(Self::Data { part, total_len: total_len?, data })
            }
            2 => Some(Self::Reject { part }),
            _ => None,
        }
    }
}

/// The length of the flat dictionary at the beginning. What stands behind it is data, so a decoder cannot tell.
fn dictionary_len(payload: &[u8]) -> Option<usize> {
    let head = &payload[..payload.len().min(HEAD_LEN_MAX)];
    let mut at = head.first().filter(|byte| **byte == b'd').map(|_| 1)?;
    loop {
        match *head.get(at)? {
            b'e' => return Some(at + 1),
            b'i' => at += head[at..].iter().position(|byte| *byte == b'e')? + 1,
            b'0'..=b'9' => {
                let colon = head[at..].iter().position(|byte| *byte == b':')?;
                let len: usize = std::str::from_utf8(&head[at..at + colon]).ok()?.parse().ok()?;
                at = at.checked_add(colon + 1)?.checked_add(len)?;
            }
            _ => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_as_bep_9_shows_them() {
        let data = MetadataMessage::Data { part: 0, total_len: 34_256, data: Bytes::from_static(b"xxxx") };
        let examples: [(MetadataMessage, &[u8]); 3] = [
            (MetadataMessage::Request { part: 0 }, b"d8:msg_typei0e5:piecei0ee"),
            (data, b"d8:msg_typei1e5:piecei0e10:total_sizei34256eexxxx"),
            (MetadataMessage::Reject { part: 0 }, b"d8:msg_typei2e5:piecei0ee"),
        ];
        for (message, bytes) in examples {
            assert_eq!(message.encode(), bytes);
            assert_eq!(MetadataMessage::decode(&Bytes::from_static(bytes)), Some(message));
        }
    }

    #[test]
    fn keys_that_are_not_known_are_skipped_and_data_may_look_like_bencode() {
        let strange = Bytes::from_static(b"d3:abc2:xy8:msg_typei1e5:piecei3e10:total_sizei9eed1:ai1ee");
        let data = Bytes::from_static(b"d1:ai1ee");
        assert_eq!(MetadataMessage::decode(&strange), Some(MetadataMessage::Data { part: 3, total_len: 9, data }));
    }

    #[test]
    fn damaged_messages_are_none() {
        let whole = b"d8:msg_typei1e5:piecei0e10:total_sizei4ee";
        for len in 0..whole.len() {
            assert_eq!(MetadataMessage::decode(&Bytes::copy_from_slice(&whole[..len])), None, "{len}");
        }
        let others: [&[u8]; 6] = [
            b"le",
            b"d8:msg_typei9e5:piecei0ee",
            b"d8:msg_typei0e5:piecei-1ee",
            b"d99999999999999999999:xe",
            b"d8:msg_typei1e5:piecei0ee",
            b"d1:xd1:yi1eee",
        ];
        for other in others {
            assert_eq!(MetadataMessage::decode(&Bytes::from_static(other)), None);
        }
        let long = MetadataMessage::Data { part: 0, total_len: 1, data: vec![0; METADATA_PART_LEN + 1].into() };
        assert_eq!(MetadataMessage::decode(&long.encode().into()), None);
    }
}
