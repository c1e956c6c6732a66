//! The peer wire's decoder: the same messages, or the same error, however the stream is cut.

use bytes::{Bytes, BytesMut};
use peer_wire::{BLOCK_LEN_MAX, Block, Decoder, Handshake, Message, WireError, encode_piece_header};
use proptest::prelude::*;

use crate::samples::{handshake, messages};

const PIECES: u32 = 1000;

/// All that comes out of a stream that arrives in these chunks.
fn decode(chunks: impl IntoIterator<Item = Bytes>) -> (Option<Handshake>, Vec<Message>, Option<WireError>) {
    let mut decoder = Decoder::new(PIECES);
    let (mut handshake, mut messages) = (None, Vec::new());
    for chunk in chunks {
        decoder.push(chunk);
        if handshake.is_none() {
            match decoder.next_handshake() {
                Ok(read) => handshake = read,
                Err(error) => return (None, messages, Some(error)),
            }
        }
        while handshake.is_some() {
            match decoder.next_message() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (handshake, messages, Some(error)),
            }
        }
    }
    (handshake, messages, None)
}

/// The stream cut behind each of these lengths, in turn, again and again.
fn cut(stream: &Bytes, lens: &[usize]) -> Vec<Bytes> {
    let mut rest = stream.clone();
    let mut lens = lens.iter().copied().cycle();
    let mut chunks = Vec::new();
    while !rest.is_empty() {
        let len = lens.next().unwrap_or(1).clamp(1, rest.len());
        chunks.push(rest.split_to(len));
    }
    chunks
}

fn block() -> impl Strategy<Value = Block> {
    (any::<u32>(), any::<u32>(), any::<u32>()).prop_map(|(piece, begin, len)| Block { piece, begin, len })
}

fn message() -> impl Strategy<Value = Message> {
    let data = |len_max: usize| prop::collection::vec(any::<u8>(), 0..len_max).prop_map(Bytes::from);
    prop_oneof![
        Just(Message::KeepAlive),
        Just(Message::Choke),
        Just(Message::Unchoke),
        Just(Message::Interested),
        Just(Message::NotInterested),
        any::<u32>().prop_map(Message::Have),
        prop::collection::vec(any::<u8>(), 125).prop_map(|bits| Message::Bitfield(bits.into())),
        block().prop_map(Message::Request),
        (any::<u32>(), any::<u32>(), data(300)).prop_map(|(piece, begin, data)| Message::Piece { piece, begin, data }),
        block().prop_map(Message::Cancel),
        any::<u32>().prop_map(Message::SuggestPiece),
        Just(Message::HaveAll),
        Just(Message::HaveNone),
        block().prop_map(Message::Reject),
        any::<u32>().prop_map(Message::AllowedFast),
        (any::<u8>(), data(100)).prop_map(|(id, payload)| Message::Extended { id, payload }),
        (21..=255_u8).prop_map(Message::Unknown),
    ]
}

fn stream(messages: &[Message]) -> Bytes {
    let mut bytes = BytesMut::from(&handshake().encode()[..]);
    messages.iter().for_each(|message| message.encode(&mut bytes));
    bytes.freeze()
}

proptest! {
    #[test]
    fn what_was_written_is_read_however_it_is_cut(
        messages in prop::collection::vec(message(), 0..30),
        lens in prop::collection::vec(1..200_usize, 1..8),
    ) {
        let stream = stream(&messages);
        let expected = (Some(handshake()), messages, None);
        prop_assert_eq!(&decode([stream.clone()]), &expected);
        prop_assert_eq!(&decode(cut(&stream, &lens)), &expected);
        prop_assert_eq!(&decode(cut(&stream, &[1])), &expected);
    }

    #[test]
    fn damaged_streams_give_the_same_messages_and_the_same_error_however_they_are_cut(
        messages in prop::collection::vec(message(), 1..10),
        lens in prop::collection::vec(1..100_usize, 1..6),
        at in any::<prop::sample::Index>(),
        how in 0..3_u8,
        byte in any::<u8>(),
    ) {
        let mut damaged = stream(&messages).to_vec();
        let at = at.index(damaged.len());
        match how {
            0 => damaged[at] = byte,
            1 => damaged.insert(at, byte),
            _ => drop(damaged.remove(at)),
        }
        let damaged = Bytes::from(damaged);
        let whole = decode([damaged.clone()]);
        prop_assert_eq!(&decode(cut(&damaged, &lens)), &whole);
        prop_assert_eq!(&decode(cut(&damaged, &[1])), &whole);
    }

    #[test]
    fn random_bytes_behind_a_handshake_are_the_same_however_they_are_cut(
        // Small numbers make lengths and ids that mean something.
        bytes in prop::collection::vec(prop_oneof![3 => Just(0_u8), 2 => 0..25_u8, 1 => any::<u8>()], 0..300),
        lens in prop::collection::vec(1..50_usize, 1..6),
    ) {
        let bytes = Bytes::from([&handshake().encode()[..], &bytes].concat());
        let whole = decode([bytes.clone()]);
        prop_assert_eq!(&decode(cut(&bytes, &lens)), &whole);
        prop_assert_eq!(&decode(cut(&bytes, &[1])), &whole);
    }

    #[test]
    fn random_bytes_instead_of_a_handshake_are_refused_at_the_first_wrong_one(bytes in prop::collection::vec(any::<u8>(), 1..100)) {
        prop_assume!(bytes[0] != 19);
        let expected = (None, vec![], Some(WireError::NotBitTorrent));
        prop_assert_eq!(decode([Bytes::from(bytes.clone())]), expected.clone());
        prop_assert_eq!(decode([Bytes::from(vec![bytes[0]])]), expected);
    }
}

#[test]
fn several_chunks_pushed_before_messages_are_taken_are_one_stream() {
    let messages = messages().into_iter().filter(|message| !matches!(message, Message::Bitfield(_)));
    let messages: Vec<Message> = messages.collect();
    let mut decoder = Decoder::new(PIECES);
    for chunk in cut(&stream(&messages), &[3, 50, 1]) {
        decoder.push(chunk);
    }
    assert_eq!(decoder.next_handshake(), Ok(Some(handshake())));
    let read: Vec<Message> = std::iter::from_fn(|| decoder.next_message().unwrap()).collect();
    assert_eq!(read, messages);
}

#[test]
fn a_header_alone_is_enough_to_refuse() {
    let after_handshake = |bytes: &[u8]| decode([Bytes::from([&handshake().encode()[..], bytes].concat())]).2;
    let header = |len: u32, id: u8| [&len.to_be_bytes()[..], &[id]].concat();
    let wrong = |id, len| Some(WireError::WrongLength { id, len });
    let too_long = |id, len| Some(WireError::TooLong { id, len });
    for (id, right) in [
        (0, 1),
        (1, 1),
        (2, 1),
        (3, 1),
        (4, 5),
        (5, 126),
        (6, 13),
        (8, 13),
        (13, 5),
        (14, 1),
        (15, 1),
        (16, 13),
        (17, 5),
    ] {
        assert_eq!(after_handshake(&header(right, id)), None, "message {id}");
        for len in [right + 1, u32::MAX] {
            assert_eq!(after_handshake(&header(len, id)), wrong(id, len), "message {id} of {len}");
        }
    }
    assert_eq!(after_handshake(&header(8, 7)), wrong(7, 8));
    assert_eq!(after_handshake(&header(9 + BLOCK_LEN_MAX, 7)), None);
    assert_eq!(after_handshake(&header(10 + BLOCK_LEN_MAX, 7)), too_long(7, 10 + BLOCK_LEN_MAX));
    assert_eq!(after_handshake(&header(1, 20)), wrong(20, 1));
    assert_eq!(after_handshake(&header(65_537, 20)), too_long(20, 65_537));
    assert_eq!(after_handshake(&header(u32::MAX, 99)), too_long(99, u32::MAX));
}

#[test]
fn a_block_that_arrives_whole_or_in_a_chunk_of_its_own_is_not_copied() {
    let data = Bytes::from(vec![7; BLOCK_LEN_MAX as usize]);
    let header = encode_piece_header(1, 2, data.len());
    let shares = |chunks: Vec<Bytes>, storage: &Bytes| {
        let (_, messages, _) = decode(chunks);
        let [Message::Piece { data, .. }] = &messages[..] else {
            panic!("one piece message: {messages:?}");
        };
        storage.as_ptr_range().contains(&data.as_ptr())
    };
    let first = Bytes::copy_from_slice(&handshake().encode());
    let whole = Bytes::from([&header[..], &data].concat());
    assert!(shares(vec![first.clone(), whole.clone()], &whole));
    assert!(shares(vec![first.clone(), Bytes::copy_from_slice(&header), data.clone()], &data));
    let joined = Bytes::from([&first[..], &header, &data].concat());
    assert!(shares(vec![joined.clone()], &joined));
}
