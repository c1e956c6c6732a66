//! What peers and trackers say to each other: over HTTP a query and an answer, over UDP packets of both sides.

use peer_wire::text::display_text;
use tracker_wire::http::{
    AnnounceQuery, AnnounceResponse, AnswerError, Failure, Listed, PeerForm, ScrapeResponse, append_scrape,
    read_scrape_query, scrape_url,
};
use tracker_wire::udp::{Request, Response, url_data};
use tracker_wire::{Announce, Counts, Event, PEERS_MAX, RetryIn, SCRAPE_MAX, Transferred};

const URL: &str = "http://tracker.example/announce?passkey=1";
/// More than the characters of any sentence that is kept.
const CHARS_MAX: usize = 1000;

/// Target: what is read is bounded, and is the same after it was written and read again.
pub fn trackers(data: &[u8]) {
    queries(data);
    answers(data);
    packets(data);
    if let Ok(url) = std::str::from_utf8(data) {
        assert!(url.contains(url_data(url)));
        let _ = scrape_url(url);
    }
}

fn query_of(url: &str) -> &[u8] {
    url.split_once('?').expect("it has a query").1.as_bytes()
}

fn queries(data: &[u8]) {
    if let Ok(query) = AnnounceQuery::decode(data) {
        assert_eq!(AnnounceQuery::decode(query_of(&query.append_to(URL))), Ok(query));
    }
    if let Ok(info_hashes) = read_scrape_query(data) {
        assert!(info_hashes.len() <= SCRAPE_MAX);
        assert_eq!(read_scrape_query(query_of(&append_scrape(URL, &info_hashes))), Ok(info_hashes));
    }
}

fn answers(data: &[u8]) {
    match AnnounceResponse::decode(data) {
        Ok(response) => {
            assert!(response.peers.len() <= PEERS_MAX);
            assert!(response.peers.iter().all(|peer| peer.address.port() != 0));
            response.warning.iter().for_each(|text| check_text(text));
            check_forms(&response);
        }
        Err(AnswerError::Refused(failure)) => {
            check_text(&failure.reason);
            assert_eq!(AnnounceResponse::decode(&failure.encode()), Err(AnswerError::Refused(failure)));
        }
        Err(error) => check_text(&error.to_string()),
    }
    if let Ok(response) = ScrapeResponse::decode(data) {
        assert!(response.torrents.len() <= SCRAPE_MAX);
        assert_eq!(ScrapeResponse::decode(&response.encode()), Ok(response));
    }
}

/// Compact lists have their IPv6 addresses behind the others, and no peer ids.
fn check_forms(response: &AnnounceResponse) {
    let canonical = |peer: &Listed| (peer.address.ip().to_canonical(), peer.address.port());
    for form in [PeerForm::Compact, PeerForm::Dictionaries, PeerForm::WithoutIds] {
        let read = AnnounceResponse::decode(&response.encode(form)).expect("what was written is an answer");
        let [mut written_peers, mut read_peers] =
            [response, &read].map(|response| response.peers.iter().map(canonical).collect::<Vec<_>>());
        written_peers.sort_unstable();
        read_peers.sort_unstable();
        assert_eq!(written_peers, read_peers, "{form:?}");
        assert_eq!(AnnounceResponse { peers: response.peers.clone(), ..read }, *response, "{form:?}");
    }
}

fn check_text(text: &str) {
    assert_eq!(display_text(text, CHARS_MAX), text);
}

fn packets(data: &[u8]) {
    if let Ok(request) = Request::decode(data) {
        assert_eq!(Request::decode(&request.encode()), Ok(request));
    }
    for is_v6 in [false, true] {
        let Ok(response) = Response::decode(data, is_v6) else { continue };
        if let Response::Announce { peers, .. } = &response {
            assert!(peers.len() <= PEERS_MAX && peers.iter().all(|peer| peer.port() != 0));
            // An IPv4 address within IPv6 is written as IPv4.
            if peers.iter().any(|peer| peer.ip().to_canonical().is_ipv6() != is_v6) {
                continue;
            }
        }
        assert_eq!(Response::decode(&response.encode(is_v6), is_v6), Ok(response));
    }
}

/// One of each kind.
pub(crate) fn seeds() -> Vec<(String, Vec<u8>)> {
    let announce = Announce {
        info_hash: [0xaa; 20].into(),
        peer_id: (*b"-CV0100-abcdefghijkl").into(),
        port: 6881,
        transferred: Transferred { uploaded: 1, downloaded: 2, left: 3 },
        event: Some(Event::Started),
        numwant: Some(200),
        key: Some(7),
    };
    let query =
        AnnounceQuery { tracker_id: Some(b"id".to_vec()), supportcrypto: true, ..AnnounceQuery::new(announce.clone()) };
    let scrape = append_scrape(URL, &[[0xaa; 20].into(), [b'b'; 20].into()]);
    let counts = Counts { seeders: 5, downloaded: 50, leechers: 10 };
    let scraped = ScrapeResponse { torrents: [([b'b'; 20].into(), counts)].into() };
    let failure = Failure { reason: "not here".to_owned(), retry: Some(RetryIn::Minutes(5)) };
    let info_hashes = vec![[0xaa; 20].into(), [b'b'; 20].into()];
    let (connection, transaction, url_data) = (0x0102_0304_0506_0708, 9, b"/announce?key=1".to_vec());
    let packets = [
        Request::Connect { transaction }.encode(),
        Request::Announce { connection, transaction, announce, url_data }.encode(),
        Request::Scrape { connection, transaction, info_hashes }.encode(),
        Response::Connect { transaction, connection }.encode(false),
        Response::Scrape { transaction, counts: vec![counts; 2] }.encode(false),
        Response::Error { transaction, reason: "not here".to_owned() }.encode(false),
        peers_packet(false),
        peers_packet(true),
    ];
    let named = [
        ("query", query_of(&query.append_to(URL)).to_vec()),
        ("scrape-query", query_of(&scrape).to_vec()),
        ("scrape", scraped.encode()),
        ("refusal", failure.encode()),
        ("peers-compact", response().encode(PeerForm::Compact)),
        ("peers-dictionaries", response().encode(PeerForm::Dictionaries)),
        ("url", URL.as_bytes().to_vec()),
    ];
    let named = named.into_iter().map(|(name, bytes)| (name.to_owned(), bytes));
    named.chain(packets.into_iter().zip(1..).map(|(bytes, number)| (format!("packet-{number:02}"), bytes))).collect()
}

fn listed() -> Vec<Listed> {
    let peer_id = Some([b'q'; 20].into());
    let listed = |address: &str| Listed { address: address.parse().expect("an address"), peer_id };
    vec![listed("1.2.3.4:258"), listed("[2001:db8::1]:80")]
}

fn response() -> AnnounceResponse {
    AnnounceResponse {
        interval: Some(1800),
        min_interval: Some(60),
        seeders: Some(3),
        leechers: Some(4),
        tracker_id: Some(b"id".to_vec()),
        warning: Some("slow".to_owned()),
        peers: listed(),
    }
}

fn peers_packet(is_v6: bool) -> Vec<u8> {
    let peers = listed().into_iter().map(|peer| peer.address).collect();
    Response::Announce { transaction: 9, interval: 1800, leechers: 4, seeders: 3, peers }.encode(is_v6)
}
