//! Every decoder takes whatever comes: cut off anywhere, with any byte changed.

use tracker_wire::http::{AnnounceQuery, AnnounceResponse, Listed, PeerForm, ScrapeResponse, read_scrape_query};
use tracker_wire::udp::{Request, Response};
use tracker_wire::{Counts, PEERS_MAX};

use crate::samples::announce;

fn samples() -> Vec<Vec<u8>> {
    let peers = ["1.2.3.4:258", "[2001:db8::1]:80"]
        .map(|address| Listed { address: address.parse().expect("an address"), peer_id: Some([b'q'; 20].into()) });
    let response = AnnounceResponse { interval: Some(1800), peers: peers.to_vec(), ..AnnounceResponse::default() };
    let scrape = ScrapeResponse { torrents: [([b'b'; 20].into(), Counts::default())].into() };
    let query = AnnounceQuery::new(announce()).append_to("");
    let announce = announce();
    vec![
        query.into_bytes(),
        response.encode(PeerForm::Compact),
        response.encode(PeerForm::Dictionaries),
        scrape.encode(),
        Request::Announce { connection: 1, transaction: 2, announce, url_data: b"/x".to_vec() }.encode(),
        Response::Scrape { transaction: 2, counts: vec![Counts::default(); 2] }.encode(false),
    ]
}

fn decode_all(bytes: &[u8]) {
    let _ = AnnounceQuery::decode(bytes);
    let _ = read_scrape_query(bytes);
    if let Ok(response) = AnnounceResponse::decode(bytes) {
        assert!(response.peers.len() <= PEERS_MAX && response.peers.iter().all(|peer| peer.address.port() != 0));
    }
    let _ = ScrapeResponse::decode(bytes);
    let _ = Request::decode(bytes);
    let _ = (Response::decode(bytes, false), Response::decode(bytes, true));
}

#[test]
fn no_cut_and_no_changed_byte_ends_the_program() {
    for whole in samples() {
        for len in 0..=whole.len() {
            decode_all(&whole[..len]);
        }
        for at in 0..whole.len() {
            for byte in [0, b'%', b'&', b':', b'd', b'e', b'i', b'l', b'9', 0x80, 0xff] {
                let mut damaged = whole.clone();
                damaged[at] = byte;
                decode_all(&damaged);
            }
        }
    }
}

#[test]
fn deep_nesting_and_long_lengths_are_errors() {
    decode_all(&b"d1:a".repeat(10_000));
    decode_all(&b"l".repeat(100_000));
    decode_all(b"d5:peers99999999999999999999:");
    decode_all(b"d8:intervali99999999999999999999999999ee");
}
