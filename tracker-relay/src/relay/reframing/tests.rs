use super::*;

/// A client's frame.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0xa1, 0x5b, 0x03, 0x77];
    let mut bytes = vec![first];
    match payload.len() {
        len @ ..=125 => bytes.push(0x80 | len as u8),
        len @ ..=0xffff => {
            bytes.push(0x80 | 126);
            bytes.extend_from_slice(&(len as u16).to_be_bytes());
        }
        len => {
            bytes.push(0x80 | 127);
            bytes.extend_from_slice(&(len as u64).to_be_bytes());
        }
    }
    bytes.extend_from_slice(&mask);
    bytes.extend(payload.iter().zip(mask.iter().cycle()).map(|(byte, mask)| byte ^ mask));
    bytes
}

/// The same frame for a client.
fn to_client(first: u8, payload: &[u8]) -> Vec<u8> {
    let masked = frame(first, payload);
    let header = Header::parse(&masked).unwrap().unwrap();
    let (bytes, len) = header.to_client();
    [&bytes[..len], payload].concat()
}

fn read(reframing: &mut Reframing, bytes: &[u8]) -> Result<Asked, BadFrame> {
    reframing.room()[..bytes.len()].copy_from_slice(bytes);
    reframing.note_read(bytes.len(), &mut 0)
}

/// Takes at most `count` bytes of what is to be written.
fn write(reframing: &mut Reframing, count: usize) -> Vec<u8> {
    let (slices, slices_len) = reframing.slices();
    let mut bytes: Vec<u8> = slices[..slices_len].iter().flat_map(|slice| slice.to_vec()).collect();
    bytes.truncate(count);
    reframing.note_written(bytes.len());
    bytes
}

fn write_all(reframing: &mut Reframing) -> Vec<u8> {
    let mut all = Vec::new();
    while !reframing.is_drained() {
        all.extend(write(reframing, usize::MAX));
    }
    reframing.note_written(0);
    all
}

#[test]
fn frames_arrive_unmasked_however_they_are_cut() {
    let mut random = numbers(7);
    let (mut sent, mut expected) = (Vec::new(), Vec::new());
    for len in [0, 1, 5, 125, 126, 4_000, 4_097, 65_535, 65_536, 262_144, 3, 70_000, 2, 2, 2] {
        let payload: Vec<u8> = (0..len).map(|_| random() as u8).collect();
        sent.extend(frame(0x82, &payload));
        expected.extend(to_client(0x82, &payload));
        sent.extend(frame(0x8a, b"still here"));
    }
    for cut_max in [1_usize, 7, 1_000, 100_000] {
        let (mut reframing, mut got, mut rest) = (Reframing::default(), Vec::new(), &sent[..]);
        while !rest.is_empty() || !reframing.is_drained() {
            let room = if reframing.is_drained() { reframing.room().len() } else { 0 };
            let count = (random() as usize % cut_max + 1).min(room).min(rest.len());
            read(&mut reframing, &rest[..count]).unwrap();
            rest = &rest[count..];
            got.extend(write(&mut reframing, random() as usize % cut_max + 1));
        }
        assert!(got == expected, "cuts of up to {cut_max}");
    }
}

#[test]
fn many_small_frames_are_one_slice() {
    let mut reframing = Reframing::default();
    let frames = frame(0x82, b"tiny").repeat(100);
    read(&mut reframing, &frames).unwrap();
    assert_eq!(reframing.slices().1, 1);
    assert_eq!(write_all(&mut reframing), to_client(0x82, b"tiny").repeat(100));
}

#[test]
fn what_the_relay_says_goes_between_two_frames() {
    let mut reframing = Reframing::default();
    let whole = frame(0x82, b"0123456789");
    let (head, tail) = whole.split_at(9);
    read(&mut reframing, head).unwrap();
    reframing.owe_pong(b"old");
    reframing.owe_pong(b"new");
    reframing.say_owed();
    assert_eq!(write_all(&mut reframing), [0x82, 10, b'0', b'1', b'2']);
    assert!(reframing.is_mid_frame());
    read(&mut reframing, &[tail, &frame(0x82, b"next")].concat()).unwrap();
    let expected = [&b"3456789"[..], &[0x8a, 3], b"new", &[0x82, 4], b"next"].concat();
    assert_eq!(write_all(&mut reframing), expected);
}

#[test]
fn nothing_goes_to_a_client_after_a_goodbye_and_its_own_is_still_heard() {
    let mut reframing = Reframing::default();
    reframing.owe_close(&[0x03, 0xe8]);
    reframing.say_owed();
    let asked = read(&mut reframing, &frame(0x82, b"late")).unwrap();
    assert_eq!(asked, Asked::default());
    assert_eq!(write_all(&mut reframing), [0x88, 2, 0x03, 0xe8]);
    let asked = read(&mut reframing, &frame(0x88, &[0x03, 0xe9, b'b', b'y', b'e'])).unwrap();
    assert_eq!(asked.close.unwrap(), [0x03, 0xe9][..]);
    assert!(reframing.is_closed() && write_all(&mut reframing).is_empty());
}

#[test]
fn messages_in_fragments_stay_in_fragments_and_in_bounds() {
    let mut reframing = Reframing::default();
    let parts = [frame(0x02, b"a"), frame(0x89, b"?"), frame(0x00, b"b"), frame(0x80, b"c")].concat();
    assert_eq!(read(&mut reframing, &parts).unwrap().pong.unwrap(), b"?"[..]);
    assert_eq!(write_all(&mut reframing), [0x02, 1, b'a', 0x00, 1, b'b', 0x80, 1, b'c']);
    assert_eq!(read(&mut reframing, &frame(0x80, b"of nothing")), Err(BadFrame::OutOfOrder));

    let mut reframing = Reframing::default();
    read(&mut reframing, &frame(0x02, b"x")).unwrap();
    let header = &frame(0x80, &vec![0; LINK_MESSAGE_MAX])[..14];
    assert_eq!(read(&mut reframing, header), Err(BadFrame::TooLong));
    let mut reframing = Reframing::default();
    read(&mut reframing, &frame(0x02, b"x")).unwrap();
    assert_eq!(read(&mut reframing, &frame(0x82, b"another")), Err(BadFrame::OutOfOrder));
}

#[test]
fn an_idle_direction_has_no_buffer_and_a_quiet_one_a_small_one() {
    let mut reframing = Reframing::default();
    read(&mut reframing, &frame(0x82, b"request")).unwrap();
    write_all(&mut reframing);
    assert_eq!(reframing.buffer.len(), LINK_BUFFER_FIRST);
    reframing.shrink();
    assert_eq!(reframing.buffer.capacity(), 0);
}

/// The same numbers every time (xorshift).
fn numbers(seed: u64) -> impl FnMut() -> u64 {
    let mut state = seed;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state >> 8
    }
}
