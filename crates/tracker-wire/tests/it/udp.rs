//! Packets of UDP trackers.

use tracker_wire::udp::{PacketError, Request, Response, url_data};
use tracker_wire::{Announce, Counts, Event, PEERS_MAX, SCRAPE_MAX};

use crate::samples::{INFO_HASH, PEER_ID, announce};

fn announce_packet(options: &[u8]) -> Vec<u8> {
    let head = b"\x01\x02\x03\x04\x05\x06\x07\x08\0\0\0\x01\0\0\0\x09";
    let transferred = b"\0\0\0\0\0\0\0\x02\xff\xff\xff\xff\xff\xff\xff\xff\0\0\0\0\0\0\0\x01";
    let rest = b"\0\0\0\x02\0\0\0\0\0\0\0\xab\0\0\0\xc8\x1a\xe1";
    [&head[..], &INFO_HASH, &PEER_ID, transferred, rest, options].concat()
}

fn announce_request(announce: Announce, url_data: &[u8]) -> Request {
    Request::Announce { connection: 0x0102_0304_0506_0708, transaction: 9, announce, url_data: url_data.to_vec() }
}

#[test]
fn requests_are_as_bep_15_shows_them() {
    let hashes = vec![INFO_HASH.into(), PEER_ID.into()];
    let scrape = [&b"\0\0\0\0\0\0\0\x07\0\0\0\x02\0\0\0\x09"[..], &INFO_HASH, &PEER_ID].concat();
    let requests = [
        (Request::Connect { transaction: 9 }, b"\0\0\x04\x17\x27\x10\x19\x80\0\0\0\0\0\0\0\x09".to_vec()),
        (announce_request(announce(), b""), announce_packet(b"")),
        (Request::Scrape { connection: 7, transaction: 9, info_hashes: hashes }, scrape),
    ];
    for (request, bytes) in requests {
        assert_eq!(request.encode(), bytes);
        assert_eq!(Request::decode(&bytes), Ok(request));
    }
    assert_eq!(announce_packet(b"").len(), 98);
}

#[test]
fn the_url_goes_with_an_announce_as_bep_41_says() {
    let request = announce_request(announce(), b"/a?b");
    assert_eq!(request.encode(), announce_packet(b"\x02\x04/a?b"));
    let long = announce_request(announce(), &[b'x'; 300]);
    assert_eq!(Request::decode(&long.encode()), Ok(long));
    for options in [&b"\x01\x01\x02\x01/\x09\x02xx\x02\x03a?b\0garbage\xff"[..], b"\x02\x04/a?b\x01"] {
        assert_eq!(Request::decode(&announce_packet(options)).as_ref(), Ok(&request), "{options:?}");
    }
    for options in [&b"\x02"[..], b"\x02\x05/a?b", b"\x07\xff"] {
        assert_eq!(Request::decode(&announce_packet(options)), Err(PacketError::Option));
    }
    assert_eq!(url_data("udp://a.example:1/x/y?k=1/2#z"), "/x/y?k=1/2");
    assert_eq!(url_data("udp://[::1]:1?k=1"), "?k=1");
    assert_eq!(url_data("udp://a.example"), "");
}

#[test]
fn every_event_and_numwant_has_its_number() {
    for event in [None, Some(Event::Completed), Some(Event::Started), Some(Event::Stopped)] {
        for numwant in [None, Some(0), Some(50)] {
            let request = announce_request(Announce { event, numwant, ..announce() }, b"");
            assert_eq!(Request::decode(&request.encode()), Ok(request));
        }
    }
}

#[test]
fn responses_are_as_bep_15_shows_them() {
    let peers = vec!["1.2.3.4:258".parse().unwrap(), "[2001:db8::1]:80".parse().unwrap()];
    let response = |peers| Response::Announce { transaction: 9, interval: 1800, leechers: 4, seeders: 3, peers };
    let head = b"\0\0\0\x01\0\0\0\x09\0\0\x07\x08\0\0\0\x04\0\0\0\x03";
    let v4 = [&head[..], b"\x01\x02\x03\x04\x01\x02"].concat();
    let v6 = [&head[..], b"\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50"].concat();
    let both = response(peers.clone());
    assert_eq!((both.encode(false), both.encode(true)), (v4.clone(), v6.clone()));
    let counts = vec![Counts { seeders: 5, downloaded: 50, leechers: 10 }, Counts::default()];
    let responses = [
        (response(vec![peers[0]]), false, v4),
        (response(vec![peers[1]]), true, v6),
        (Response::Connect { transaction: 9, connection: 7 }, false, b"\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\x07".to_vec()),
        (
            Response::Scrape { transaction: 9, counts },
            false,
            [&b"\0\0\0\x02\0\0\0\x09\0\0\0\x05\0\0\0\x32\0\0\0\x0a"[..], &[0; 12]].concat(),
        ),
        (Response::Error { transaction: 9, reason: "no".to_owned() }, false, b"\0\0\0\x03\0\0\0\x09no".to_vec()),
    ];
    for (response, is_v6, bytes) in responses {
        assert_eq!(response.encode(is_v6), bytes);
        assert_eq!(response.transaction(), 9);
        assert_eq!(Response::decode(&bytes, is_v6), Ok(response));
    }
}

#[test]
fn damaged_packets_have_their_errors() {
    for request in [Request::Connect { transaction: 9 }, announce_request(announce(), b"")] {
        let whole = request.encode();
        for len in 0..whole.len() {
            assert_eq!(Request::decode(&whole[..len]), Err(PacketError::TooShort), "{len}");
        }
    }
    assert_eq!(Request::decode(&[0; 16]), Err(PacketError::Unknown));
    assert_eq!(Request::decode(b"\0\0\0\0\0\0\0\0\0\0\0\x04\0\0\0\0"), Err(PacketError::Unknown));
    let mut strange = announce_packet(b"");
    strange[83] = 4;
    assert_eq!(Request::decode(&strange), Err(PacketError::Event));
    for whole in [&b"\0\0\0\0\0\0\0\x09\0\0\0\0\0\0\0\x07"[..], b"\0\0\0\x01\0\0\0\x09\0\0\x07\x08\0\0\0\x04\0\0\0\x03"]
    {
        for len in 0..whole.len() {
            assert_eq!(Response::decode(&whole[..len], false), Err(PacketError::TooShort), "{len}");
        }
    }
    assert_eq!(Response::decode(b"\0\0\0\x04\0\0\0\x09", false), Err(PacketError::Unknown));
}

#[test]
fn what_a_packet_may_hold_too_much_of_is_cut_off() {
    let info_hashes = vec![INFO_HASH.into(); SCRAPE_MAX + 5];
    let bytes = [vec![0; 8], vec![0, 0, 0, 2, 0, 0, 0, 9], INFO_HASH.repeat(SCRAPE_MAX + 5)].concat();
    let Request::Scrape { info_hashes: read, .. } = Request::decode(&bytes).unwrap() else { panic!("no scrape") };
    assert_eq!(read, info_hashes[..SCRAPE_MAX]);
    let head = b"\0\0\0\x01\0\0\0\x09\0\0\x07\x08\0\0\0\x04\0\0\0\x03";
    let bytes = [&head[..], &[1; 6].repeat(PEERS_MAX + 5)].concat();
    let Response::Announce { peers, .. } = Response::decode(&bytes, false).unwrap() else { panic!("no peers") };
    assert_eq!(peers.len(), PEERS_MAX);
    let Response::Error { reason, .. } = Response::decode(b"\0\0\0\x03\0\0\0\x09a\x1b[2J\nb", false).unwrap() else {
        panic!("no error")
    };
    assert_eq!(reason, "a[2J b");
}
