//! Magnet links of other programs, sound and not.

use metainfo::{Info, MAGNET_LEN_MAX, Magnet, MagnetError, Metainfo, PeerAddress, is_magnet};
use proptest::prelude::*;

const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

fn parse(text: &str) -> Magnet {
    text.parse().unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn error(text: &str) -> MagnetError {
    text.parse::<Magnet>().expect_err("no link")
}

#[test]
fn a_link_is_read_and_written_in_one_form() {
    let link = format!(
        "magnet:?xt=urn:btih:{HEX}&dn=A%20%26%20B.mkv&tr=http%3A%2F%2Ft.example%2Fa%3Fk%3D1%2B2&tr=udp%3A%2F%2Fu.example%3A1\
        &ws=https%3A%2F%2Fw.example%2F&x.pe=192.0.2.1:6881&x.pe=[2001:db8::1]:1&x.pe=h.example:2&so=0,2,4-8"
    );
    let magnet = parse(&link);
    assert_eq!(magnet.info_hash.to_string(), HEX);
    assert_eq!(magnet.name.as_deref(), Some("A & B.mkv"));
    assert_eq!(magnet.trackers, ["http://t.example/a?k=1+2", "udp://u.example:1"]);
    assert_eq!(magnet.web_seeds, ["https://w.example/"]);
    let peers = [("192.0.2.1", 6881), ("2001:db8::1", 1), ("h.example", 2)];
    assert_eq!(magnet.peers, peers.map(|(host, port)| PeerAddress { host: host.to_owned(), port }));
    assert_eq!(magnet.files, [0..=0, 2..=2, 4..=8]);
    assert_eq!((magnet.wants(0), magnet.wants(1), magnet.wants(8)), (true, false, true));
    assert_eq!(magnet.to_string(), link);
}

#[test]
fn other_spellings_mean_the_same() {
    let magnet = parse(&format!("magnet:?xt=urn:btih:{HEX}&dn=a+b"));
    assert_eq!(magnet.name.as_deref(), Some("a b"));
    assert!(magnet.wants(7));
    for same in [
        format!(" MAGNET:?XT=URN:BTIH:{}&dn=a%20b\n", HEX.to_uppercase()),
        "magnet:?dn=a%20b&xt=urn:btih:AERUKZ4JVPG66AJDIVTYTK6N54ASGRLH".to_owned(),
        "magnet:?dn=a%20b&xt=urn%3Abtih%3Aaerukz4jvpg66ajdivtytk6n54asgrlh".to_owned(),
        format!("magnet:?&&x&xl=5&xt.1=urn:btih:{HEX}&dn=a b&dn=c&so="),
        format!("magnet:?xt=urn:btmh:1220caf1&xt=urn:btih:{HEX}&xt=urn:btih:{}&dn=a+b", "f".repeat(40)),
        format!(
            "magnet:?xt=urn:btih:{HEX}&dn=a+b&tr=wss%3A%2F%2Fx&tr=&ws=x&x.pe=1.2.3.4&x.pe=h:0&x.pe=a/b:1&x.pe=[::1:1"
        ),
    ] {
        assert_eq!(parse(&same), magnet, "{same}");
    }
    let numbered = parse(&format!("magnet:?xt=urn:btih:{HEX}&tr.1=udp://a:1&tr.2=udp://b:2"));
    assert_eq!(numbered.trackers, ["udp://a:1", "udp://b:2"]);
}

#[test]
fn what_is_no_link_to_a_torrent_says_why() {
    assert_eq!(error(""), MagnetError::NotMagnet);
    assert_eq!(error("magnet:"), MagnetError::NotMagnet);
    assert_eq!(error("magnetic?xt=1"), MagnetError::NotMagnet);
    assert_eq!(error("magnet:?"), MagnetError::NoInfoHash);
    assert_eq!(error("magnet:?xt=urn:sha1:X"), MagnetError::NoInfoHash);
    let too_long = format!("{HEX}0");
    for bad in ["", "00", &HEX[1..], &too_long, "AERUKZ4JVPG66AJDIVTYTK6N54ASGRL1", "€€€€€€€€€€€", "ß"]
    {
        assert_eq!(error(&format!("magnet:?xt=urn:btih:{bad}")), MagnetError::BadInfoHash, "{bad}");
    }
    assert_eq!(
        error("magnet:?dn=x&xt=urn:btmh:1220caf1e1c30e81cb361b9ee167c4aa64228a7fa4fa9f6105232b28ad099f3a302e"),
        MagnetError::OnlyV2
    );
    for bad in ["x", "1-", "-1", "5-2", "1,,x", "4294967296"] {
        assert_eq!(error(&format!("magnet:?xt=urn:btih:{HEX}&so={bad}")), MagnetError::BadFiles, "{bad}");
    }
    assert_eq!(error(&format!("magnet:?dn={}", "x".repeat(MAGNET_LEN_MAX))), MagnetError::TooLong(MAGNET_LEN_MAX + 11));
    assert!(is_magnet("Magnet:?x") && is_magnet("magnet:") && !is_magnet("€€€€") && !is_magnet("x.torrent"));
}

#[test]
fn a_link_is_bounded() {
    let many: String = (0..1200).map(|n| format!("&tr=udp://{n}:1&ws=http://{n}&x.pe=h{n}:1")).collect();
    let magnet = parse(&format!("magnet:?xt=urn:btih:{HEX}&dn={}{many}", "é".repeat(600)));
    assert_eq!((magnet.trackers.len(), magnet.web_seeds.len(), magnet.peers.len()), (100, 100, 100));
    assert_eq!(magnet.name.unwrap().len(), 1024);
    assert_eq!(error(&format!("magnet:?xt=urn:btih:{HEX}&so={}", "1,".repeat(1025))), MagnetError::BadFiles);
}

#[test]
fn a_torrent_has_a_link() {
    let raw = "d6:lengthi5e4:name3:a b12:piece lengthi32768e6:pieces20:aaaaaaaaaaaaaaaaaaaae";
    let info = Info::parse(raw.into()).unwrap();
    let trackers = vec![vec!["udp://a:1".to_owned()], vec!["udp://b:2".to_owned()]];
    let magnet = Metainfo { trackers, ..Metainfo::from(info.clone()) }.magnet();
    let expected =
        format!("magnet:?xt=urn:btih:{}&dn=a%20b&tr=udp%3A%2F%2Fa%3A1&tr=udp%3A%2F%2Fb%3A2", info.info_hash());
    assert_eq!(magnet.to_string(), expected);
}

proptest! {
    #[test]
    fn any_text_is_survived_and_a_link_that_was_read_is_written_and_read_the_same(
        text in "(.|[%&=:+,-]|[0-9a-f]{2}|xt|dn|tr|so|x\\.pe|udp://){0,40}"
    ) {
        drop(text.parse::<Magnet>());
        if let Ok(magnet) = format!("magnet:?xt=urn:btih:{HEX}&{text}").parse::<Magnet>() {
            prop_assert_eq!(magnet.to_string().parse(), Ok(magnet));
        }
    }
}
