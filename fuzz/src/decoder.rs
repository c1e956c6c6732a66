//! The peer wire's decoder: the same messages and the same error in whatever chunks the bytes arrive.

use arbitrary::{Arbitrary, Unstructured};
use bytes::{Bytes, BytesMut};
use peer_wire::{
    Decoder, HANDSHAKE_LEN, Handshake, InfoHash, Message, PeerId, Reserved, WireError, encode_piece_header,
};

/// How a stream is made out of the input that follows.
#[derive(Debug, Arbitrary)]
struct Shape {
    /// Of the torrent: bounds the bitfield.
    pieces: u16,
    /// Puts a handshake before the bytes, so that not every input must find one.
    greets: bool,
    /// So many zeros, at most [`PADDING_MAX`], go in at `padded_at`: inputs stay short while blocks are long.
    padding: u16,
    padded_at: u16,
    cuts: [u16; 6],
}

/// What came out of a decoder.
#[derive(Debug, PartialEq)]
struct Decoded {
    handshake: Option<Handshake>,
    messages: Vec<Message>,
    end: Result<(), WireError>,
}

/// Target: see the module.
pub fn peer_wire_decoder(data: &[u8]) {
    let mut input = Unstructured::new(data);
    let Ok(shape) = Shape::arbitrary(&mut input) else {
        return;
    };
    let stream = shape.stream(input.take_rest());
    let pieces = u32::from(shape.pieces);
    let whole = decode(pieces, std::slice::from_ref(&stream), true);
    let chunks = shape.chunks(&stream);
    assert_eq!(whole, decode(pieces, &chunks, true), "in {} chunks", chunks.len());
    assert_eq!(whole, decode(pieces, &chunks, false), "{} chunks pushed at once", chunks.len());
    let bytes: Vec<Bytes> = (0..stream.len()).map(|at| stream.slice(at..at + 1)).take(BYTEWISE_MAX).collect();
    if bytes.len() == stream.len() {
        assert_eq!(whole, decode(pieces, &bytes, true), "byte by byte");
    }
    check_encoding(&stream, &whole);
}

/// A block and a little.
const PADDING_MAX: usize = 17_000;
/// Longer streams are not fed byte by byte.
const BYTEWISE_MAX: usize = 2_000;

fn decode(pieces: u32, chunks: &[Bytes], take_between: bool) -> Decoded {
    let mut decoder = Decoder::new(pieces);
    let mut decoded = Decoded { handshake: None, messages: Vec::new(), end: Ok(()) };
    for (i, chunk) in chunks.iter().enumerate() {
        decoder.push(chunk.clone());
        if (take_between || i + 1 == chunks.len()) && decoded.end.is_ok() {
            decoded.end = decoded.take_from(&mut decoder);
        }
    }
    decoded
}

impl Decoded {
    fn take_from(&mut self, decoder: &mut Decoder) -> Result<(), WireError> {
        if self.handshake.is_none() {
            self.handshake = decoder.next_handshake()?;
        }
        if self.handshake.is_some() {
            while let Some(message) = decoder.next_message()? {
                self.messages.push(message);
            }
        }
        Ok(())
    }
}

/// What was decoded encodes to what was received.
fn check_encoding(stream: &Bytes, decoded: &Decoded) {
    let Some(handshake) = &decoded.handshake else {
        return;
    };
    assert_eq!(Handshake::decode(&handshake.encode()).as_ref(), Some(handshake));
    // Of an unknown message only the id is kept.
    let known: Vec<&Message> =
        decoded.messages.iter().take_while(|message| !matches!(message, Message::Unknown(_))).collect();
    let mut encoded = BytesMut::new();
    known.iter().for_each(|message| message.encode(&mut encoded));
    let received = &stream[HANDSHAKE_LEN..];
    assert!(received.starts_with(&encoded), "{known:?} encodes to other bytes than it was decoded from");
}

impl Shape {
    fn stream(&self, bytes: &[u8]) -> Bytes {
        let mut stream = Vec::new();
        if self.greets {
            stream.extend_from_slice(&handshake().encode());
        }
        let (before, after) = bytes.split_at(usize::from(self.padded_at).min(bytes.len()));
        stream.extend_from_slice(before);
        stream.resize(stream.len() + usize::from(self.padding) % (PADDING_MAX + 1), 0);
        stream.extend_from_slice(after);
        stream.into()
    }

    fn chunks(&self, stream: &Bytes) -> Vec<Bytes> {
        let mut cuts: Vec<usize> = self.cuts.iter().map(|cut| usize::from(*cut) % (stream.len() + 1)).collect();
        cuts.extend([0, stream.len()]);
        cuts.sort_unstable();
        cuts.windows(2).map(|pair| stream.slice(pair[0]..pair[1])).collect()
    }

    /// The bytes that [`Arbitrary`] reads this from.
    fn encode(&self) -> Vec<u8> {
        let mut bytes = self.pieces.to_le_bytes().to_vec();
        bytes.push(u8::from(self.greets));
        for number in [self.padding, self.padded_at].iter().chain(&self.cuts) {
            bytes.extend_from_slice(&number.to_le_bytes());
        }
        bytes
    }
}

fn handshake() -> Handshake {
    let reserved = Reserved { fast: true, extensions: true };
    Handshake { reserved, info_hash: InfoHash([0xaa; 20]), peer_id: PeerId::covey([0x33; 12]) }
}

/// An input for the target: these messages of a torrent of `pieces`, with a long block of zeros behind
/// them if `block_len` is not 0.
pub(crate) fn seed(pieces: u16, messages: &[Message], block_len: u16) -> Vec<u8> {
    let mut stream = BytesMut::new();
    messages.iter().for_each(|message| message.encode(&mut stream));
    if block_len > 0 {
        stream.extend_from_slice(&encode_piece_header(1, 16_384, usize::from(block_len)));
    }
    let shape = Shape {
        pieces,
        greets: true,
        padding: block_len,
        padded_at: stream.len() as u16,
        cuts: [3, 40, 70, 75, 90, 200],
    };
    [shape.encode(), stream.to_vec()].concat()
}

/// An input whose handshake is in the bytes.
pub(crate) fn seed_with_handshake() -> Vec<u8> {
    let shape = Shape { pieces: 9, greets: false, padding: 0, padded_at: 0, cuts: [1, 20, 67, 68, 69, 70] };
    [shape.encode(), handshake().encode().to_vec(), vec![0, 0, 0, 1, 2]].concat()
}
