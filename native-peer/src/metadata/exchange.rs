//! Asking one peer for a torrent's info dictionary (BEP 9): its side of the conversation, without a socket.

use bytes::{Bytes, BytesMut};
use metainfo::{INFO_LEN_READ_MAX, Info};
use peer_wire::{
    Decoder, ExtensionHandshake, ExtensionIds, Handshake, InfoHash, METADATA_PART_LEN, Message, MetadataMessage,
    PeerId, Reserved, WireError,
};

/// By which id we want to be sent metadata.
const OUR_ID: u8 = 1;
/// The torrent is not known, so neither is how long a bitfield may be.
const PIECES_MAX: u32 = 1 << 21;
/// Parts that are asked for at a time. Transmission keeps 64.
const ASKED_MAX: usize = 16;
/// Bytes that a peer may send: the longest dictionary, and a bitfield, haves and other talk beside it.
const RECEIVED_MAX: usize = 2 * INFO_LEN_READ_MAX;

/// Why this peer does not give it. All are its fault, or its right.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ExchangeError {
    #[error(transparent)]
    Wire(#[from] WireError),
    #[error("it serves another torrent")]
    OtherTorrent,
    #[error("it does not give the torrent's metadata")]
    NotGiven,
    #[error("it says that the metadata has {0} bytes")]
    Length(u32),
    #[error("what it gave is not the torrent's metadata")]
    Wrong,
    #[error("it talks and does not answer")]
    TooMuch,
}

/// The conversation with one peer, which we dialed.
#[derive(Debug)]
pub struct Exchange {
    info_hash: InfoHash,
    decoder: Decoder,
    has_greeted: bool,
    /// What it wants metadata messages to be called.
    their_id: u8,
    parts: Vec<Option<Bytes>>,
    /// The next part to ask for.
    next: usize,
    missing: usize,
    len: usize,
    received: usize,
    out: BytesMut,
}

impl Exchange {
    /// Begins; [`Exchange::take_out`] has the handshake.
    pub fn new(info_hash: InfoHash, local: PeerId) -> Self {
        let reserved = Reserved { fast: true, extensions: true };
        let handshake = Handshake { reserved, info_hash, peer_id: local }.encode();
        Self {
            info_hash,
            decoder: Decoder::new(PIECES_MAX),
            has_greeted: false,
            their_id: 0,
            parts: Vec::new(),
            next: 0,
            missing: 0,
            len: 0,
            received: 0,
            out: BytesMut::from(&handshake[..]),
        }
    }

    /// What is to be sent now.
    pub fn take_out(&mut self) -> Bytes {
        self.out.split().freeze()
    }

    /// Takes in what came. `Some`: the dictionary is whole, and right.
    ///
    /// # Errors
    /// [`ExchangeError`]: close the connection.
    pub fn receive(&mut self, bytes: Bytes) -> Result<Option<Info>, ExchangeError> {
        self.received += bytes.len();
        if self.received > RECEIVED_MAX {
            return Err(ExchangeError::TooMuch);
        }
        self.decoder.push(bytes);
        if !self.has_greeted {
            match self.decoder.next_handshake()? {
                Some(handshake) => self.on_handshake(&handshake)?,
                None => return Ok(None),
            }
        }
        while let Some(message) = self.decoder.next_message()? {
            if let Message::Extended { id, payload } = message {
                match id {
                    0 => self.on_extensions(&payload)?,
                    OUR_ID => self.on_metadata(&payload)?,
                    _ => {}
                }
            }
        }
        if self.missing > 0 || self.parts.is_empty() {
            return Ok(None);
        }
        let whole: Vec<u8> = self.parts.iter().flatten().flat_map(|part| part.iter().copied()).collect();
        let info = Info::parse(whole.into()).map_err(|_| ExchangeError::Wrong)?;
        if info.info_hash() == self.info_hash { Ok(Some(info)) } else { Err(ExchangeError::Wrong) }
    }

    fn on_handshake(&mut self, theirs: &Handshake) -> Result<(), ExchangeError> {
        if theirs.info_hash != self.info_hash {
            return Err(ExchangeError::OtherTorrent);
        }
        if !theirs.reserved.extensions {
            return Err(ExchangeError::NotGiven);
        }
        self.has_greeted = true;
        let ids = ExtensionIds { metadata: Some(OUR_ID), ..ExtensionIds::default() };
        let payload = ExtensionHandshake { ids, ..ExtensionHandshake::default() }.encode().into();
        Message::Extended { id: 0, payload }.encode(&mut self.out);
        // BEP 6: something has to be said of what we have, right after the handshake.
        if theirs.reserved.fast {
            Message::HaveNone.encode(&mut self.out);
        }
        Ok(())
    }

    fn on_extensions(&mut self, payload: &[u8]) -> Result<(), ExchangeError> {
        if !self.parts.is_empty() {
            return Ok(());
        }
        let theirs = ExtensionHandshake::decode(payload).ok_or(ExchangeError::NotGiven)?;
        let id = theirs.ids.metadata.filter(|id| *id != 0).ok_or(ExchangeError::NotGiven)?;
        // A peer that looks for it itself does not know the length yet.
        let len = theirs.metadata_len.filter(|len| *len > 0).ok_or(ExchangeError::NotGiven)?;
        if len as usize > INFO_LEN_READ_MAX {
            return Err(ExchangeError::Length(len));
        }
        (self.their_id, self.len) = (id, len as usize);
        self.missing = self.len.div_ceil(METADATA_PART_LEN);
        self.parts = vec![None; self.missing];
        (0..ASKED_MAX).for_each(|_| self.ask());
        Ok(())
    }

    fn ask(&mut self) {
        if self.next < self.parts.len() {
            let payload = MetadataMessage::Request { part: self.next as u32 }.encode().into();
            Message::Extended { id: self.their_id, payload }.encode(&mut self.out);
            self.next += 1;
        }
    }

    fn on_metadata(&mut self, payload: &Bytes) -> Result<(), ExchangeError> {
        match MetadataMessage::decode(payload) {
            Some(MetadataMessage::Data { part, total_len, data }) => {
                let part = part as usize;
                let expected_len = self.len.saturating_sub(part * METADATA_PART_LEN).min(METADATA_PART_LEN);
                if total_len as usize != self.len || data.len() != expected_len || part >= self.next {
                    return Err(ExchangeError::Wrong);
                }
                if self.parts[part].replace(data).is_none() {
                    self.missing -= 1;
                }
                self.ask();
            }
            Some(MetadataMessage::Reject { .. }) => return Err(ExchangeError::NotGiven),
            // It may ask us, who have nothing.
            Some(MetadataMessage::Request { part }) if self.their_id != 0 => {
                let payload = MetadataMessage::Reject { part }.encode().into();
                Message::Extended { id: self.their_id, payload }.encode(&mut self.out);
            }
            _ => {}
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use metainfo::InfoBuilder;

    use super::*;

    const LOCAL: PeerId = PeerId([1; 20]);
    const THEIR_ID: u8 = 7;

    /// With a dictionary of three parts.
    fn info() -> Info {
        let pieces = 2 * METADATA_PART_LEN as u32 / 20;
        let mut builder = InfoBuilder::new("film.mp4", u64::from(pieces) * 16_384, Some(16_384)).unwrap();
        (0..pieces).for_each(|piece| builder.set_digest(piece, [piece as u8; 20]));
        builder.finish().unwrap()
    }

    struct Giver {
        info: Info,
        metadata_len: Option<u32>,
        /// A byte of the metadata that it gives wrongly.
        damage: Option<usize>,
        rejects: bool,
    }

    impl Giver {
        fn new() -> Self {
            let info = info();
            Self { metadata_len: Some(info.raw().len() as u32), info, damage: None, rejects: false }
        }

        fn greeting(&self, info_hash: InfoHash, extensions: bool) -> Vec<u8> {
            let reserved = Reserved { fast: true, extensions };
            let mut out = BytesMut::from(&Handshake { reserved, info_hash, peer_id: PeerId([2; 20]) }.encode()[..]);
            let ids = ExtensionIds { metadata: Some(THEIR_ID), ..ExtensionIds::default() };
            let handshake =
                ExtensionHandshake { ids, metadata_len: self.metadata_len, ..ExtensionHandshake::default() };
            Message::HaveAll.encode(&mut out);
            Message::Extended { id: 0, payload: handshake.encode().into() }.encode(&mut out);
            out.to_vec()
        }

        fn answer(&self, part: u32) -> Vec<u8> {
            let mut raw = self.info.raw().to_vec();
            if let Some(at) = self.damage {
                raw[at] ^= 1;
            }
            let begin = part as usize * METADATA_PART_LEN;
            let data = Bytes::copy_from_slice(&raw[begin..raw.len().min(begin + METADATA_PART_LEN)]);
            let message = match self.rejects {
                true => MetadataMessage::Reject { part },
                false => MetadataMessage::Data { part, total_len: raw.len() as u32, data },
            };
            let mut out = BytesMut::new();
            Message::Extended { id: OUR_ID, payload: message.encode().into() }.encode(&mut out);
            out.to_vec()
        }

        /// The whole conversation, its bytes cut into chunks of this length.
        fn talk(&self, chunk_len: usize) -> Result<Option<Info>, ExchangeError> {
            let info_hash = self.info.info_hash();
            let mut exchange = Exchange::new(info_hash, LOCAL);
            let mut heard = Decoder::new(PIECES_MAX);
            heard.push(exchange.take_out());
            assert_eq!(heard.next_handshake().unwrap().unwrap().info_hash, info_hash);
            let mut said = self.greeting(info_hash, true);
            loop {
                for chunk in std::mem::take(&mut said).chunks(chunk_len) {
                    if let Some(info) = exchange.receive(Bytes::copy_from_slice(chunk))? {
                        return Ok(Some(info));
                    }
                }
                heard.push(exchange.take_out());
                while let Some(message) = heard.next_message().unwrap() {
                    if let Message::Extended { id: THEIR_ID, payload } = message
                        && let Some(MetadataMessage::Request { part }) = MetadataMessage::decode(&payload)
                    {
                        said.extend(self.answer(part));
                    }
                }
                if said.is_empty() {
                    return Ok(None);
                }
            }
        }
    }

    #[test]
    fn the_dictionary_is_fetched_in_parts_however_the_bytes_are_cut() {
        let giver = Giver::new();
        assert_eq!(giver.info.raw().len().div_ceil(METADATA_PART_LEN), 3);
        for chunk_len in [1, 100, 16_384, usize::MAX] {
            assert_eq!(giver.talk(chunk_len), Ok(Some(giver.info.clone())), "{chunk_len}");
        }
    }

    #[test]
    fn whoever_gives_something_else_or_nothing_is_left() {
        let damaged = |at| Giver { damage: Some(at), ..Giver::new() }.talk(usize::MAX);
        assert_eq!(damaged(0), Err(ExchangeError::Wrong), "not bencode");
        assert_eq!(damaged(20_000), Err(ExchangeError::Wrong), "another digest");
        assert_eq!(Giver { rejects: true, ..Giver::new() }.talk(100), Err(ExchangeError::NotGiven));
        assert_eq!(Giver { metadata_len: None, ..Giver::new() }.talk(100), Err(ExchangeError::NotGiven));
        let long = Giver { metadata_len: Some(u32::MAX), ..Giver::new() };
        assert_eq!(long.talk(100), Err(ExchangeError::Length(u32::MAX)));
        let other_len = Giver { metadata_len: Some(100), ..Giver::new() };
        assert_eq!(other_len.talk(100), Err(ExchangeError::Wrong));
    }

    #[test]
    fn another_torrent_no_extensions_and_endless_talk_end_it() {
        let giver = Giver::new();
        let exchange = || Exchange::new(giver.info.info_hash(), LOCAL);
        let other = giver.greeting(InfoHash([9; 20]), true);
        assert_eq!(exchange().receive(other.into()), Err(ExchangeError::OtherTorrent));
        let plain = giver.greeting(giver.info.info_hash(), false);
        assert_eq!(exchange().receive(plain.into()), Err(ExchangeError::NotGiven));
        let mut talked_at = exchange();
        talked_at.receive(giver.greeting(giver.info.info_hash(), true).into()).unwrap();
        let keepalives = Bytes::from(vec![0; 1 << 20]);
        let end = (0..9).map(|_| talked_at.receive(keepalives.clone())).find(Result::is_err);
        assert_eq!(end, Some(Err(ExchangeError::TooMuch)));
    }
}
