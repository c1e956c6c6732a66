//! `create` and `info`.

use metainfo::Metainfo;
use sha1::{Digest, Sha1};

use crate::program::{World, write};

/// `metainfo` does not know of groups, and says the limit a second time.
#[test]
fn an_info_dictionary_is_made_as_long_as_a_group_takes_it() {
    assert_eq!(metainfo::INFO_LEN_MADE_MAX, wire_protocol::control::INFO_LEN_MAX);
}

#[test]
fn a_created_torrent_says_what_a_plain_hash_of_the_file_says() {
    let world = World::new();
    let bytes = world.sample("movie.mp4", 5 * 65_536 + 1234);
    let run = world.run(&["create", "movie.mp4", "-o", "x.torrent", "--piece-size", "64K"]);
    assert_eq!(run.exit, 0, "{run:?}");

    let torrent = Metainfo::parse(&std::fs::read(world.path("x.torrent")).unwrap()).unwrap();
    assert_eq!(torrent.info.name(), "movie.mp4");
    assert_eq!(torrent.info.layout().total_len(), bytes.len() as u64);
    assert!(!torrent.info.is_private());
    assert_eq!(run.stdout.trim(), torrent.magnet().to_string());
    assert_eq!(torrent.info.layout().pieces(), 6);
    for (piece, bytes) in (0..).zip(bytes.chunks(65_536)) {
        assert_eq!(torrent.info.digest(piece), <[u8; 20]>::from(Sha1::digest(bytes)), "piece {piece}");
    }
}

#[test]
fn info_shows_a_torrent_to_people_and_to_scripts() {
    let world = World::new();
    world.sample("movie.mp4", 300_000);
    world.run(&["create", "movie.mp4", "-o", "x.torrent"]);
    let torrent = Metainfo::parse(&std::fs::read(world.path("x.torrent")).unwrap()).unwrap();
    let info_hash = torrent.info.info_hash().to_string();

    let run = world.run(&["info", "x.torrent"]);
    assert_eq!(run.exit, 0, "{run:?}");
    for part in ["movie.mp4", "300 kB (300000 bytes)", "2 of 256 KiB", &info_hash] {
        assert!(run.stdout.contains(part), "{part}: {}", run.stdout);
    }

    let run = world.run(&["info", "x.torrent", "--json"]);
    let object: serde_json::Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!(object["t"], "info");
    assert_eq!(object["info_hash"], info_hash);
    assert_eq!(object["pieces"], 2);
    assert_eq!(object["files"][0]["path"], "movie.mp4");
}

#[test]
fn json_of_create_is_one_object_per_line() {
    let world = World::new();
    world.sample("movie.mp4", 300_000);
    let run = world.run(&["create", "movie.mp4", "-o", "x.torrent", "--json"]);
    let kinds: Vec<String> = run
        .stdout
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["t"].as_str().unwrap().to_owned())
        .collect();
    assert!(kinds.contains(&"hash".to_owned()), "{kinds:?}");
    assert_eq!(kinds[kinds.len() - 2..], ["ready", "created"]);
}

#[test]
fn what_is_not_a_torrent_is_bad_data() {
    let world = World::new();
    write(&world.path("x.torrent"), b"<html>not found</html>");
    world.run(&["info", "x.torrent"]).failed(4, "x.torrent is not a torrent");
    write(&world.path("y.torrent"), &vec![b'i'; 6 << 20]);
    world.run(&["info", "y.torrent"]).failed(4, "torrent files are small");
}

#[test]
fn files_that_cannot_be_used_are_named() {
    let world = World::new();
    write(&world.path("empty"), b"");
    world.run(&["info", "absent.torrent"]).failed(6, "cannot read absent.torrent");
    world.run(&["create", "absent", "-o", "x.torrent"]).failed(6, "There is no such file");
    world.run(&["create", "empty", "-o", "x.torrent"]).failed(6, "empty is empty");
    world.sample("movie.mp4", 1000);
    world
        .run(&["create", "movie.mp4", "-o", "no/such/folder/x.torrent"])
        .failed(6, "cannot write no/such/folder/x.torrent");
}

#[test]
fn an_error_is_an_object_in_json() {
    let world = World::new();
    let run = world.run(&["info", "absent.torrent", "--json"]);
    let object: serde_json::Value = serde_json::from_str(run.stdout.trim()).unwrap();
    assert_eq!((object["t"].as_str(), object["exit"].as_i64()), (Some("error"), Some(6)));
    assert_eq!(object["code"], "local_files");
    assert!(run.stderr.starts_with("error: "));
}
