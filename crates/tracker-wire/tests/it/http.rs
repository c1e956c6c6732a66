//! Announces and scrapes over HTTP.

use tracker_wire::http::{
    AnnounceQuery, AnnounceResponse, AnswerError, Failure, Listed, PeerForm, QUERY_LEN_MAX, QueryError,
    RESPONSE_LEN_MAX, ScrapeResponse, append_scrape, read_scrape_query, scrape_url,
};
use tracker_wire::{Counts, Event, PEERS_MAX, RetryIn, SCRAPE_MAX};

use crate::samples::{INFO_HASH, announce};

const QUERY: &str = "info_hash=%00%01%20%26%2B%25zZ~-._%FF%80%3D%3F%2F%23ab&peer_id=-CV0100-abcdefghijkl&port=6881\
    &uploaded=1&downloaded=2&left=18446744073709551615&key=000000ab&event=started&numwant=200&compact=1&no_peer_id=1";

fn listed(address: &str) -> Listed {
    Listed { address: address.parse().expect("an address"), peer_id: None }
}

#[test]
fn a_query_is_written_behind_any_url_and_read_again() {
    let query = AnnounceQuery::new(announce());
    for (url, begin) in [
        ("http://a/announce", "http://a/announce?"),
        ("http://a/announce?", "http://a/announce?"),
        ("http://a/announce?key=1", "http://a/announce?key=1&"),
        ("http://a/announce?key=1&", "http://a/announce?key=1&"),
        ("http://a/announce#part?", "http://a/announce?"),
    ] {
        assert_eq!(query.append_to(url), format!("{begin}{QUERY}"));
    }
    assert_eq!(AnnounceQuery::decode(QUERY.as_bytes()), Ok(query.clone()));
    let whole = AnnounceQuery { tracker_id: Some(b"\0&id".to_vec()), supportcrypto: true, ..query };
    let url = whole.append_to("http://a/");
    assert!(url.ends_with("&supportcrypto=1&trackerid=%00%26id"));
    assert_eq!(AnnounceQuery::decode(url.split_once('?').unwrap().1.as_bytes()), Ok(whole));
}

#[test]
fn queries_of_other_clients_are_read() {
    let ids = "info_hash=%aa%aaAAAAAAAAAAAAAAAAAA&peer_id=-qB4520-abcdefghijkl";
    let common = format!("{ids}&port=8999&uploaded=0&downloaded=0&left=16");
    let read = |rest: &str| AnnounceQuery::decode(format!("{common}{rest}").as_bytes()).unwrap();
    let query =
        read("&corrupt=0&key=9F8E7D6C&event=completed&numwant=200&compact=1&no_peer_id=1&supportcrypto=1&redundant=0");
    assert_eq!(query.announce.info_hash.0[..3], [0xaa, 0xaa, b'A']);
    assert_eq!((query.announce.key, query.announce.event), (Some(0x9f8e_7d6c), Some(Event::Completed)));
    assert!(query.supportcrypto && query.no_peer_id && query.compact == Some(true));
    // Decimal keys, unknown keys that are damaged, and twice the same.
    let query = read("&key=4294967295&strange=%zz&port=1&event=stopped&event=started&compact=0&&=&numwant=-1");
    assert_eq!((query.announce.key, query.announce.port), (Some(u32::MAX), 8999));
    assert_eq!((query.announce.event, query.announce.numwant), (Some(Event::Stopped), None));
    assert_eq!(query.compact, Some(false));
    let query = read("&key=not-a-number&event=&numwant=&compact=");
    assert_eq!((query.announce.key, query.announce.event, query.compact), (None, None, None));
    assert_eq!(read("&event=paused").announce.event, None);
}

#[test]
fn every_damage_of_a_query_has_its_error() {
    let with = |from: &str, to: &str| AnnounceQuery::decode(QUERY.replace(from, to).as_bytes()).unwrap_err();
    assert_eq!(with("info_hash=", "hash="), QueryError::Missing("info_hash"));
    assert_eq!(with("%00%01", "%00"), QueryError::Length("info_hash", 19));
    assert_eq!(with("%00%01", "%00%0"), QueryError::Escape("info_hash"));
    assert_eq!(with("ab&peer", "a%&peer"), QueryError::Escape("info_hash"));
    assert_eq!(with("-CV0100-", ""), QueryError::Length("peer_id", 12));
    assert_eq!(with("6881", "66000"), QueryError::Number("port"));
    assert_eq!(with("6881", ""), QueryError::Missing("port"));
    assert_eq!(with("uploaded=1", "uploaded=-1"), QueryError::Number("uploaded"));
    assert_eq!(with("&downloaded=2", ""), QueryError::Missing("downloaded"));
    assert_eq!(with("18446744073709551615", "18446744073709551616"), QueryError::Number("left"));
    assert_eq!(with("started", "begun"), QueryError::Event);
    assert_eq!(with("compact=1", "compact=yes"), QueryError::Flag("compact"));
    assert_eq!(with("key=000000ab", "key=%f"), QueryError::Escape("key"));
    assert_eq!(with("numwant=200", "numwant=many"), QueryError::Number("numwant"));
    let long_id = format!("trackerid={}&left", "a".repeat(257));
    assert_eq!(with("left", &long_id), QueryError::Length("trackerid", 257));
    let long = format!("{QUERY}&x={}", "a".repeat(QUERY_LEN_MAX));
    assert_eq!(AnnounceQuery::decode(long.as_bytes()), Err(QueryError::TooLong(long.len())));
}

#[test]
fn an_answer_is_written_in_every_form_and_read_again() {
    let peer_id = Some([b'q'; 20].into());
    let v4 = Listed { peer_id, ..listed("1.2.3.4:258") };
    let v6 = Listed { peer_id, ..listed("[2001:db8::1]:80") };
    let response = AnnounceResponse {
        interval: Some(1800),
        min_interval: Some(60),
        seeders: Some(3),
        leechers: Some(4),
        tracker_id: Some(b"\0id".to_vec()),
        warning: Some("slow".to_owned()),
        peers: vec![v4, v6],
    };
    let begin = "d8:completei3e10:incompletei4e8:intervali1800e12:min intervali60e5:peers";
    let end = "10:tracker id3:\0id15:warning message4:slowe";
    let without_ids =
        AnnounceResponse { peers: vec![listed("1.2.3.4:258"), listed("[2001:db8::1]:80")], ..response.clone() };
    let forms: [(PeerForm, &[u8], &AnnounceResponse); 3] = [
        (
            PeerForm::Compact,
            b"6:\x01\x02\x03\x04\x01\x026:peers618:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50",
            &without_ids,
        ),
        (
            PeerForm::Dictionaries,
            b"ld2:ip7:1.2.3.47:peer id20:qqqqqqqqqqqqqqqqqqqq4:porti258eed2:ip11:2001:db8::17:peer id20:qqqqqqqqqqqqqqqqqqqq4:porti80eee",
            &response,
        ),
        (PeerForm::WithoutIds, b"ld2:ip7:1.2.3.44:porti258eed2:ip11:2001:db8::14:porti80eee", &without_ids),
    ];
    for (form, peers, read) in forms {
        let body = [begin.as_bytes(), peers, end.as_bytes()].concat();
        assert_eq!(response.encode(form), body, "{form:?}");
        assert_eq!(AnnounceResponse::decode(&body).as_ref(), Ok(read), "{form:?}");
    }
}

#[test]
fn answers_of_strange_trackers_are_read_as_far_as_they_make_sense() {
    let read = |body: &[u8]| AnnounceResponse::decode(body).unwrap();
    // Only IPv6, a port of 0 and half an address.
    let only_v6 = b"d6:peers620:\x20\x01\x0d\xb8\0\0\0\0\0\0\0\0\0\0\0\x01\0\x50\0\0e";
    assert_eq!(read(only_v6).peers, [listed("[2001:db8::1]:80")]);
    assert_eq!(read(b"d5:peers12:\x01\x02\x03\x04\0\0\x01\x02\x03\x04\0\x05e").peers, [listed("1.2.3.4:5")]);
    // Numbers that are none, names, ports that are none, what is no dictionary, unknown keys.
    let strange = b"d8:completei-1e8:interval2:605:peersli1e2:abd2:ip9:localhost4:porti5eed2:ip7:1.2.3.44:porti0eed\
        2:ip7:1.2.3.47:peer id2:ab4:porti70000eed2:ip7:1.2.3.47:peer id2:ab4:porti7eee5:thingd1:ald1:bi1eeeee\n";
    let response = read(strange);
    assert_eq!((response.seeders, response.interval), (None, None));
    assert_eq!(response.peers, [listed("1.2.3.4:7")]);
    assert_eq!(
        read(b"d8:intervali9e15:warning message10:a\n\x1b[2Jb c\xffe").warning.as_deref(),
        Some("a [2Jb c\u{fffd}")
    );
    let many = AnnounceResponse { peers: vec![listed("1.2.3.4:5"); PEERS_MAX + 9], ..AnnounceResponse::default() };
    assert_eq!(read(&many.encode(PeerForm::Compact)).peers.len(), PEERS_MAX);
    assert_eq!(read(&many.encode(PeerForm::WithoutIds)).peers.len(), PEERS_MAX);
}

#[test]
fn a_refusal_says_why_and_when_to_come_again() {
    for (retry, bytes) in [
        (None, &b"d14:failure reason2:noe"[..]),
        (Some(RetryIn::Never), b"d14:failure reason2:no8:retry in5:nevere"),
        (Some(RetryIn::Minutes(5)), b"d14:failure reason2:no8:retry ini5ee"),
    ] {
        let failure = Failure { reason: "no".to_owned(), retry };
        assert_eq!(failure.encode(), bytes);
        assert_eq!(AnnounceResponse::decode(bytes), Err(AnswerError::Refused(failure.clone())));
        assert_eq!(ScrapeResponse::decode(bytes), Err(AnswerError::Refused(failure)));
    }
    // BEP 31 writes the minutes as text; a refusal with peers is one too.
    let text = b"d14:failure reason6:\x1b[2Jno5:peers0:8:retry in2:15e";
    let failure = Failure { reason: "[2Jno".to_owned(), retry: Some(RetryIn::Minutes(15)) };
    assert_eq!(AnnounceResponse::decode(text), Err(AnswerError::Refused(failure)));
}

#[test]
fn what_is_no_answer_has_its_error() {
    let error = |body: &[u8]| AnnounceResponse::decode(body).unwrap_err();
    assert!(matches!(error(b"<html>\x1b[2J</html>"), AnswerError::NotBencode(_)));
    assert!(matches!(error(b""), AnswerError::NotBencode(_)));
    assert!(matches!(error(b"le"), AnswerError::NotBencode(_)));
    assert!(matches!(error(b"d5:peers0:8:intervali9ee"), AnswerError::NotBencode(_)));
    assert_eq!(error(b"de"), AnswerError::Missing("interval"));
    assert_eq!(error(&vec![b'd'; RESPONSE_LEN_MAX + 1]), AnswerError::TooLong(RESPONSE_LEN_MAX + 1));
    assert_eq!(ScrapeResponse::decode(b"de"), Err(AnswerError::Missing("files")));
}

#[test]
fn a_scrape_is_asked_where_bep_48_says() {
    for (announce, scrape) in [
        ("http://example.com/announce", Some("http://example.com/scrape")),
        ("http://example.com/x/announce", Some("http://example.com/x/scrape")),
        ("http://example.com/announce.php", Some("http://example.com/scrape.php")),
        ("http://example.com/a", None),
        ("http://example.com/announce?x2%0644", Some("http://example.com/scrape?x2%0644")),
        ("http://example.com/announce?x=2/4", Some("http://example.com/scrape?x=2/4")),
        ("http://example.com/x%064announce", None),
        ("announce", None),
    ] {
        assert_eq!(scrape_url(announce).as_deref(), scrape, "{announce}");
    }
}

#[test]
fn a_scrape_goes_both_ways() {
    let hashes = [INFO_HASH.into(), [b'b'; 20].into()];
    let url = append_scrape("http://a/scrape?k=1", &hashes);
    let escaped = "%00%01%20%26%2B%25zZ~-._%FF%80%3D%3F%2F%23ab";
    assert_eq!(url, format!("http://a/scrape?k=1&info_hash={escaped}&info_hash=bbbbbbbbbbbbbbbbbbbb"));
    assert_eq!(read_scrape_query(url.split_once('?').unwrap().1.as_bytes()), Ok(hashes.to_vec()));
    assert_eq!(read_scrape_query(b""), Ok(Vec::new()));
    assert_eq!(read_scrape_query(b"info_hash=a"), Err(QueryError::Length("info_hash", 1)));
    let most = append_scrape("http://a/scrape", &vec![[0xff; 20].into(); SCRAPE_MAX + 1]);
    let most = most.split_once('?').unwrap().1.to_owned();
    assert_eq!(read_scrape_query(most.as_bytes()).unwrap().len(), SCRAPE_MAX);
    assert_eq!(read_scrape_query(format!("{most}&info_hash=a").as_bytes()), Err(QueryError::TooMany));

    let counts = Counts { seeders: 5, downloaded: 50, leechers: 10 };
    let response = ScrapeResponse { torrents: [([b'b'; 20].into(), counts)].into() };
    let body = b"d5:filesd20:bbbbbbbbbbbbbbbbbbbbd8:completei5e10:downloadedi50e10:incompletei10eeee";
    assert_eq!(response.encode(), body);
    assert_eq!(ScrapeResponse::decode(body), Ok(response));
    let strange = b"d5:filesd2:abi1e20:bbbbbbbbbbbbbbbbbbbbd8:completei5e4:name1:xeee";
    let counts = Counts { seeders: 5, ..Counts::default() };
    assert_eq!(ScrapeResponse::decode(strange).unwrap().torrents, [([b'b'; 20].into(), counts)].into());
}
