//! What stands in a torrent file beside the info dictionary.

use metainfo::{COMMENT_LEN_MAX, Info, InfoError, Metainfo, URL_LEN_MAX, URLS_MAX};

const INFO: &str = "d6:lengthi5e4:name1:a12:piece lengthi32768e6:pieces20:aaaaaaaaaaaaaaaaaaaae";

fn info() -> Info {
    Info::parse(INFO.into()).expect("a sound torrent")
}

/// A torrent file with these keys, of which those after the info dictionary come last.
fn parse(before: &str, after: &str) -> Metainfo {
    Metainfo::parse(format!("d{before}4:info{INFO}{after}e").as_bytes()).expect("a sound torrent file")
}

fn text(text: &str) -> String {
    format!("{}:{text}", text.len())
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn everything_has_its_golden_bytes_in_canonical_order() {
    let metainfo = Metainfo {
        trackers: vec![owned(&["http://a/", "udp://b:1"]), owned(&["https://c/"])],
        web_seeds: owned(&["http://w/", "https://v/"]),
        comment: Some("ü".to_owned()),
        created_by: Some("me".to_owned()),
        created_at_s: Some(7),
        ..Metainfo::from(info())
    };
    let golden = format!(
        "d8:announce9:http://a/13:announce-listll9:http://a/9:udp://b:1el10:https://c/ee7:comment2:ü10:created by2:me\
        13:creation datei7e4:info{INFO}8:url-listl9:http://w/10:https://v/ee"
    );
    assert_eq!(String::from_utf8(metainfo.encode()).unwrap(), golden);
    assert_eq!(Metainfo::parse(golden.as_bytes()), Ok(metainfo));
}

#[test]
fn one_of_a_kind_needs_no_list() {
    let metainfo =
        Metainfo { trackers: vec![owned(&["http://a/"])], web_seeds: owned(&["http://w/"]), ..Metainfo::from(info()) };
    let golden = format!("d8:announce9:http://a/4:info{INFO}8:url-list9:http://w/e");
    assert_eq!(String::from_utf8(metainfo.encode()).unwrap(), golden);
    assert_eq!(Metainfo::parse(golden.as_bytes()), Ok(metainfo));
    assert_eq!(Metainfo::from(info()).encode(), format!("d4:info{INFO}e").into_bytes());
}

#[test]
fn announce_counts_only_where_the_list_names_nobody() {
    let announce = format!("8:announce{}", text("http://a/"));
    assert_eq!(parse(&announce, "").trackers, [["http://a/"]]);
    assert_eq!(parse(&format!("{announce}13:announce-listll10:https://c/ee"), "").trackers, [["https://c/"]]);
    for useless in ["le", "llee", "l1:xe", "ll1:xel6:wss://ee", "i1e", "1:x"] {
        assert_eq!(parse(&format!("{announce}13:announce-list{useless}"), "").trackers, [["http://a/"]], "{useless}");
    }
}

#[test]
fn of_addresses_only_those_that_can_be_asked_are_kept() {
    let list = |urls: &[&str]| format!("13:announce-listll{}ee", urls.iter().map(|url| text(url)).collect::<String>());
    let long = format!("http://a/{}", "x".repeat(URL_LEN_MAX - 8));
    let seen = parse(
        &list(&[
            "HTTP://a/?x=1",
            "udp://[::1]:1",
            "wss://b/",
            "dht://c",
            "ftp://d/",
            "http://",
            "http:///e",
            "http://f\u{1b}/",
            "http://g h/",
            "HTTP://a/?x=1",
            "\n https://i/ ",
            &long,
            &long[..URL_LEN_MAX],
        ]),
        "",
    );
    assert_eq!(seen.trackers, [["HTTP://a/?x=1", "udp://[::1]:1", "https://i/", &long[..URL_LEN_MAX]]]);
    let seeds = parse("", &format!("8:url-listl{}{}{}i1ee", text(""), text("udp://a:1"), text("http://w/")));
    assert_eq!(seeds.web_seeds, ["http://w/"]);
    assert!(parse("", "8:url-list0:").web_seeds.is_empty());
    assert!(parse("", "8:url-listi1e").web_seeds.is_empty());
}

#[test]
fn there_are_at_most_so_many_addresses() {
    let tiers: String = (0..1000).map(|n| format!("l{}e", text(&format!("udp://{n}.example:1")))).collect();
    assert_eq!(parse(&format!("13:announce-listl{tiers}e"), "").trackers.len(), URLS_MAX);
    let seeds: String = (0..1000).map(|n| text(&format!("http://{n}.example"))).collect();
    assert_eq!(parse("", &format!("8:url-listl{seeds}e")).web_seeds.len(), URLS_MAX);
}

#[test]
fn what_a_maker_says_beside_the_torrent_never_makes_it_useless() {
    let long = "ü".repeat(COMMENT_LEN_MAX);
    let seen = parse(&format!("7:comment{}10:created by0:13:creation datei-1e", text(&long)), "");
    assert_eq!(seen.comment.unwrap(), "ü".repeat(COMMENT_LEN_MAX / 2));
    assert_eq!((seen.created_by, seen.created_at_s), (None, None));
    let seen = parse("8:announcei1e7:commentle10:created byi1e13:creation date1:x", "8:url-listde1:zi1e");
    assert_eq!(seen, Metainfo::from(info()));
}

#[test]
fn a_damaged_file_is_refused() {
    let parse = |text: String| Metainfo::parse(text.as_bytes()).unwrap_err();
    for damaged in [
        format!("d4:info{INFO}8:announce9:http://a/e"),
        format!("d13:announce-listll9:http://a/e4:info{INFO}e"),
        format!("d13:announce-listll99:http://a/ee4:info{INFO}e"),
        format!("d4:info{INFO}"),
        format!("d4:info{INFO}4:info{INFO}e"),
    ] {
        assert!(matches!(parse(damaged.clone()), InfoError::NotBencode(_)), "{damaged}");
    }
}
