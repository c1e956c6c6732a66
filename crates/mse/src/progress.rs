//! What comes of reading.

use bytes::{Bytes, BytesMut};
use peer_wire::InfoHash;

use crate::PADDING_MAX;
use crate::cipher::Ciphers;
use crate::error::MseError;
use crate::methods::Method;

/// How far a handshake is.
#[derive(Debug)]
pub enum Progress<Side> {
    /// It goes on.
    More {
        side: Side,
        /// Perhaps nothing.
        send: Vec<u8>,
    },
    /// It is over.
    Done {
        /// Perhaps nothing; not to be encrypted again.
        send: Vec<u8>,
        established: Box<Established>,
    },
}

/// A connection that carries the peer wire from here on.
#[derive(Debug)]
pub struct Established {
    /// A torrent that both sides know. What the peer wire's handshake says is not compared with it.
    pub info_hash: InfoHash,
    /// Every later byte goes through these; `None`: plaintext was selected.
    pub ciphers: Option<Ciphers>,
    /// What was received of the peer wire already, decrypted.
    pub payload: Bytes,
}

impl Established {
    /// `initial`: payload within the handshake. `rest`: what came behind the handshake, as received.
    pub(crate) fn new(
        info_hash: InfoHash,
        method: Method,
        mut ciphers: Ciphers,
        initial: BytesMut,
        mut rest: BytesMut,
    ) -> Self {
        let ciphers = match method {
            Method::Plaintext => None,
            Method::Rc4 => {
                ciphers.receive.apply(&mut rest);
                Some(ciphers)
            }
        };
        let mut payload = initial;
        payload.unsplit(rest);
        Self { info_hash, ciphers, payload: payload.freeze() }
    }
}

/// The verification constant.
pub(crate) const VC: [u8; 8] = [0; 8];

/// Of padding that has its length in front.
///
/// # Errors
/// [`MseError::PaddingTooLong`].
pub(crate) fn padding_len(bytes: [u8; 2]) -> Result<usize, MseError> {
    let len = u16::from_be_bytes(bytes);
    let is_long = usize::from(len) > PADDING_MAX;
    (!is_long).then_some(len.into()).ok_or(MseError::PaddingTooLong(len))
}
