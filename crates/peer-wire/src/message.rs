//! The messages between the handshake and the end (BEP 3, BEP 6, BEP 10).

use bytes::{BufMut, Bytes, BytesMut};

/// The largest block that may be requested or sent, bytes. libtorrent and Transmission reject larger
/// ones; BEP 3 says to close.
pub const BLOCK_LEN_MAX: u32 = 16 * 1024;
/// Bytes on the wire before a block's data: length prefix, id, piece, begin.
pub const PIECE_HEADER_LEN: usize = 13;

/// A part of a piece: what is requested, sent, cancelled and rejected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Block {
    /// Index of the piece.
    pub piece: u32,
    /// Offset in the piece, bytes.
    pub begin: u32,
    /// Bytes, 1 to [`BLOCK_LEN_MAX`].
    pub len: u32,
}

/// What a peer says after its handshake.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Message {
    /// Length 0: the link is alive.
    KeepAlive,
    /// 0: requests will not be served.
    Choke,
    /// 1: requests will be served.
    Unchoke,
    /// 2: would request if unchoked.
    Interested,
    /// 3: would not.
    NotInterested,
    /// 4: has verified this piece.
    Have(u32),
    /// 5: one bit per piece, most significant first. Only right after the handshake.
    Bitfield(Bytes),
    /// 6: asks for a block.
    Request(Block),
    /// 7: a block. `data` may share storage with what was received.
    Piece {
        /// Index of the piece.
        piece: u32,
        /// Offset in the piece, bytes.
        begin: u32,
        /// 0 to [`BLOCK_LEN_MAX`] bytes; 0 is an old client's reject.
        data: Bytes,
    },
    /// 8: takes a request back.
    Cancel(Block),
    /// 13, BEP 6: a hint.
    SuggestPiece(u32),
    /// 14, BEP 6: instead of a bitfield.
    HaveAll,
    /// 15, BEP 6: instead of a bitfield.
    HaveNone,
    /// 16, BEP 6: this request will not be served.
    Reject(Block),
    /// 17, BEP 6: this piece may be requested while choked.
    AllowedFast(u32),
    /// 20, BEP 10: id 0 is the extension handshake.
    Extended {
        /// The receiver's own number for the extension.
        id: u8,
        /// Bencode, and whatever the extension puts behind it.
        payload: Bytes,
    },
    /// A message that this program does not know. Ignored.
    Unknown(u8),
}

impl Message {
    /// Appends the whole frame. For [`Message::Piece`] prefer [`encode_piece_header`] and the data as
    /// a segment of its own, which saves the copy.
    pub fn encode(&self, out: &mut BytesMut) {
        match self {
            Message::KeepAlive => out.put_u32(0),
            Message::Choke => frame(out, 0, 0),
            Message::Unchoke => frame(out, 1, 0),
            Message::Interested => frame(out, 2, 0),
            Message::NotInterested => frame(out, 3, 0),
            Message::Have(piece) => index(out, 4, *piece),
            Message::Bitfield(bits) => {
                frame(out, 5, bits.len());
                out.put_slice(bits);
            }
            Message::Request(wanted) => block(out, 6, wanted),
            Message::Piece { piece, begin, data } => {
                out.put_slice(&encode_piece_header(*piece, *begin, data.len()));
                out.put_slice(data);
            }
            Message::Cancel(wanted) => block(out, 8, wanted),
            Message::SuggestPiece(piece) => index(out, 13, *piece),
            Message::HaveAll => frame(out, 14, 0),
            Message::HaveNone => frame(out, 15, 0),
            Message::Reject(wanted) => block(out, 16, wanted),
            Message::AllowedFast(piece) => index(out, 17, *piece),
            Message::Extended { id, payload } => {
                frame(out, 20, 1 + payload.len());
                out.put_u8(*id);
                out.put_slice(payload);
            }
            Message::Unknown(id) => frame(out, *id, 0),
        }
    }
}

/// Everything of a piece message that comes before its data.
pub fn encode_piece_header(piece: u32, begin: u32, data_len: usize) -> [u8; PIECE_HEADER_LEN] {
    let mut header = [0; PIECE_HEADER_LEN];
    header[..4].copy_from_slice(&(9 + data_len as u32).to_be_bytes());
    header[4] = 7;
    header[5..9].copy_from_slice(&piece.to_be_bytes());
    header[9..].copy_from_slice(&begin.to_be_bytes());
    header
}

fn frame(out: &mut BytesMut, id: u8, payload_len: usize) {
    out.put_u32(1 + payload_len as u32);
    out.put_u8(id);
}

fn index(out: &mut BytesMut, id: u8, piece: u32) {
    frame(out, id, 4);
    out.put_u32(piece);
}

fn block(out: &mut BytesMut, id: u8, block: &Block) {
    frame(out, id, 12);
    out.put_u32(block.piece);
    out.put_u32(block.begin);
    out.put_u32(block.len);
}
