//! `info` of what is not a plain torrent of ours: magnet links, torrents of other programs.

use serde_json::Value;

use crate::program::{World, write};

const HEX: &str = "0123456789abcdef0123456789abcdef01234567";

fn object(stdout: &str) -> Value {
    serde_json::from_str(stdout.trim()).unwrap()
}

#[test]
fn info_shows_a_magnet_link_to_people_and_to_scripts() {
    let world = World::new();
    let link = format!(
        "magnet:?xt=urn:btih:{HEX}&dn=a%1b[2Jb&tr=udp://t.example:1&ws=http://w.example/&x.pe=[::1]:7&so=0,2-3"
    );
    let run = world.run(&["info", &link]);
    assert_eq!(run.exit, 0, "{run:?}");
    for line in [
        "name        a[2Jb",
        &format!("info-hash   {HEX}"),
        "tracker     udp://t.example:1",
        "web seed    http://w.example/",
        "peer        [::1]:7",
        "files       0,2-3 (the first is 0)",
        &format!("magnet      magnet:?xt=urn:btih:{HEX}&dn=a%1B%5B2Jb"),
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    let object = object(&world.run(&["info", &link, "--json"]).stdout);
    assert_eq!((&object["t"], &object["info_hash"]), (&"magnet".into(), &HEX.into()));
    assert_eq!((&object["trackers"][0], &object["peers"][0]), (&"udp://t.example:1".into(), &"[::1]:7".into()));
    assert_eq!(object["chosen"], serde_json::json!(["0", "2-3"]));
}

#[test]
fn a_torrent_of_version_2_only_says_what_to_do() {
    let world = World::new();
    let link = format!("magnet:?xt=urn:btmh:1220{HEX}");
    world.run(&["info", &link]).failed(4, "ask for a link with urn:btih:");
    write(&world.path("v2.torrent"), b"d4:infod9:file treede12:meta versioni2e4:name1:a12:piece lengthi16384eee");
    world.run(&["info", "v2.torrent"]).failed(4, "ask for a version 1 or hybrid torrent");
}

#[test]
fn info_shows_what_other_programs_put_into_a_torrent() {
    let world = World::new();
    let info = "d5:filesld6:lengthi5e4:pathl6:a\u{1b}[2JAeed4:attr1:p6:lengthi16379e4:pathl4:.pad5:16379eed6:lengthi1e\
        4:pathl1:bee12:meta versioni2e4:name1:f12:piece lengthi16384e6:pieces40:aaaaaaaaaaaaaaaaaaaabbbbbbbbbbbbbbbbbbbb";
    let info = info.replacen("4:pathl1:bee12", "4:pathl1:beee12", 1);
    let torrent = format!(
        "d8:announce9:http://a/13:announce-listll9:http://a/9:udp://b:1el10:https://c/ee7:comment5:hi\u{1b}[m\
        10:created by2:me13:creation datei0e4:info{info}e8:url-list9:http://w/e"
    );
    write(&world.path("x.torrent"), torrent.as_bytes());
    let run = world.run(&["info", "x.torrent"]);
    assert_eq!(run.exit, 0, "{run:?}");
    for line in [
        "version     1 and 2 (hybrid",
        "private     no",
        "tracker 1   http://a/",
        "tracker 1   udp://b:1",
        "tracker 2   https://c/",
        "web seed    http://w/",
        "comment     hi[m",
        "created by  me",
        "created     Thu, 01 Jan 1970 00:00:00 GMT",
        "magnet      magnet:?xt=urn:btih:",
        "file 1      f/a[2JA  5 B",
        "file 2      f/b  1 B",
    ] {
        assert!(run.stdout.contains(line), "{line}: {}", run.stdout);
    }
    assert!(!run.stdout.contains('\u{1b}') && !run.stdout.contains("pad"), "{}", run.stdout);
    let object = object(&world.run(&["info", "x.torrent", "--json"]).stdout);
    assert_eq!(object["trackers"], serde_json::json!([["http://a/", "udp://b:1"], ["https://c/"]]));
    assert_eq!((&object["hybrid"], &object["announce"]), (&true.into(), &"http://a/".into()));
    assert_eq!((&object["files"][1]["number"], &object["files"][1]["path"]), (&2.into(), &"f/b".into()));
    assert_eq!(object["files"].as_array().unwrap().len(), 2);
}
