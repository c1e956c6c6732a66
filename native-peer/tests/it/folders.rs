//! `create` of folders.

use std::fs;

use metainfo::Metainfo;
use sha1::{Digest, Sha1};

use crate::program::{Run, World, sample, write};

/// A folder `f` with these files; their bytes one after the other, in this order.
fn folder(world: &World, files: &[(&str, usize)]) -> Vec<u8> {
    let mut all = Vec::new();
    for (name, len) in files {
        let path = world.path("f").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        // No two files begin alike.
        let bytes = sample(len + name.len())[name.len()..].to_vec();
        write(&path, &bytes);
        all.extend(bytes);
    }
    all
}

fn create(world: &World, more: &[&str]) -> Run {
    let run = world.run(&[&["create", "f", "-o", "x.torrent"], more].concat());
    assert_eq!(run.exit, 0, "{run:?}");
    run
}

fn torrent(world: &World) -> Metainfo {
    Metainfo::parse(&fs::read(world.path("x.torrent")).unwrap()).unwrap()
}

fn paths(torrent: &Metainfo) -> Vec<String> {
    torrent.info.files().iter().map(|file| file.path.join("/")).collect()
}

/// The info dictionary as BEP 3 has it and as mktorrent writes it.
fn plain_info(files: &[(&str, usize)], all: &[u8]) -> Vec<u8> {
    let entries = files.iter().map(|(path, len)| {
        let parts: String = path.split('/').map(|part| format!("{}:{part}", part.len())).collect();
        format!("d6:lengthi{len}e4:pathl{parts}ee")
    });
    let digests: Vec<u8> = all.chunks(262_144).flat_map(|piece| <[u8; 20]>::from(Sha1::digest(piece))).collect();
    let front =
        format!("d5:filesl{}e4:name1:f12:piece lengthi262144e6:pieces{}:", entries.collect::<String>(), digests.len());
    [front.as_bytes(), &digests, b"e"].concat()
}

#[test]
fn a_folder_has_the_info_hash_that_other_programs_give_it() {
    let world = World::new();
    let files = [("B", 0), ("a.bin", 300_000), ("sub.txt", 5), ("sub/empty", 0), ("sub/x", 600_000), ("é", 77)];
    let all = folder(&world, &files);
    fs::create_dir(world.path("f/no files")).unwrap();
    let run = create(&world, &[]);
    let torrent = torrent(&world);
    let plain = plain_info(&files, &all);
    assert_eq!(torrent.info.raw(), &plain);
    assert_eq!(torrent.info.info_hash().0, <[u8; 20]>::from(Sha1::digest(&plain)));
    assert_eq!(run.stdout.trim(), format!("magnet:?xt=urn:btih:{}&dn=f", torrent.info.info_hash()));
    assert_eq!(paths(&torrent), ["f/B", "f/a.bin", "f/sub.txt", "f/sub/empty", "f/sub/x", "f/é"]);
}

#[test]
fn a_torrent_says_what_it_was_told_to() {
    let world = World::new();
    folder(&world, &[("a", 1000)]);
    let run = create(
        &world,
        &[
            "--tracker",
            "http://a.example/announce",
            "--tracker",
            "udp://b.example:1",
            "--web-seed",
            "https://w.example/",
            "--comment",
            "hi",
            "--private",
            "--piece-size",
            "16K",
            "--json",
        ],
    );
    let torrent = torrent(&world);
    assert_eq!(torrent.trackers, [["http://a.example/announce"], ["udp://b.example:1"]]);
    assert_eq!(
        (&torrent.web_seeds[..], torrent.comment.as_deref()),
        (&["https://w.example/".to_owned()][..], Some("hi"))
    );
    assert!(torrent.info.is_private() && torrent.created_at_s.is_some());
    assert!(torrent.created_by.as_ref().is_some_and(|program| program.starts_with("Covey")));
    assert_eq!(torrent.info.layout().nominal_piece_len(), 16_384);
    assert!(run.stderr.contains("It is private: most clients need the torrent file"), "{run:?}");
    let object: serde_json::Value = serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap();
    assert_eq!((&object["t"], &object["path"]), (&"created".into(), &"x.torrent".into()));
    assert_eq!(object["info_hash"], torrent.info.info_hash().to_string());
    assert_eq!(object["magnet"], torrent.magnet().to_string());
    assert!(create(&world, &["--private"]).stderr.contains("names no tracker"));
}

#[test]
fn what_is_hidden_is_in_only_when_asked_for() {
    let world = World::new();
    folder(&world, &[(".git/config", 5), (".hidden", 7), ("a", 10), ("sub/.DS_Store", 3), ("sub/b", 4)]);
    let run = create(&world, &[]);
    assert_eq!(paths(&torrent(&world)), ["f/a", "f/sub/b"]);
    let note = "Left out: 3 hidden files or folders (.git, .hidden, sub/.DS_Store); --hidden takes them in.";
    assert!(run.stderr.contains(note), "{run:?}");
    let run = create(&world, &["--hidden"]);
    assert!(!run.stderr.contains("Left out"), "{run:?}");
    assert_eq!(paths(&torrent(&world)), ["f/_git/config", "f/_hidden", "f/a", "f/sub/_DS_Store", "f/sub/b"]);
    let raw = String::from_utf8_lossy(torrent(&world).info.raw()).into_owned();
    assert!(raw.contains("4:pathl4:.git6:config"), "other programs find the files by the names that they have");
}

#[cfg(unix)]
#[test]
fn links_are_followed_to_files_of_the_folder_and_nowhere_else() {
    use std::os::unix::fs::symlink;
    let world = World::new();
    folder(&world, &[("a", 10), ("sub/b", 20), (".secret", 30)]);
    world.sample("outside", 40);
    for (target, name) in [
        ("sub/b", "to file"),
        ("../outside", "to outside"),
        ("nowhere", "dangling"),
        ("circle", "circle"),
        ("..", "to parent"),
        ("sub", "to folder"),
        (".", "sub/to itself"),
        (".secret", "to hidden"),
    ] {
        symlink(target, world.path("f").join(name)).unwrap();
    }
    let run = create(&world, &[]);
    let torrent = torrent(&world);
    assert_eq!(paths(&torrent), ["f/a", "f/sub/b", "f/to file"]);
    assert_eq!(torrent.info.files().iter().map(|file| file.len).collect::<Vec<_>>(), [10, 20, 20]);
    for note in [
        "2 links that lead nowhere (circle, dangling).",
        "2 links that lead out of the folder (to outside, to parent)",
        "2 links to folders (sub/to itself, to folder).",
        "2 hidden files or folders (.secret, to hidden)",
    ] {
        assert!(run.stderr.contains(note), "{note}: {run:?}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_left_out_and_does_not_hold_anything_up() {
    let world = World::new();
    folder(&world, &[("a", 10)]);
    let made = std::process::Command::new("mkfifo").arg(world.path("f/pipe")).status().unwrap();
    assert!(made.success());
    assert!(create(&world, &[]).stderr.contains("Left out: 1 thing that is no file (pipe)."));
    assert_eq!(paths(&torrent(&world)), ["f/a"]);
}

#[test]
fn the_torrent_itself_is_no_part_of_its_folder() {
    let world = World::new();
    folder(&world, &[("a", 10)]);
    for _ in 0..2 {
        let run = world.run(&["create", "f", "-o", "f/x.torrent"]);
        assert_eq!(run.exit, 0, "{run:?}");
    }
    let torrent = Metainfo::parse(&fs::read(world.path("f/x.torrent")).unwrap()).unwrap();
    assert_eq!(paths(&torrent), ["f/a"]);
}

#[test]
fn folders_that_cannot_be_used_are_named() {
    let world = World::new();
    fs::create_dir_all(world.path("f/sub")).unwrap();
    let empty = |run: Run| run.failed(6, "f is empty");
    empty(world.run(&["create", "f", "-o", "x.torrent"]));
    folder(&world, &[("empty", 0), (".hidden", 5)]);
    let run = world.run(&["create", "f", "-o", "x.torrent"]);
    run.failed(6, "f is empty");
    assert!(run.stderr.contains("--hidden takes them in"), "{run:?}");
    world.run(&["create", "/", "-o", "x.torrent"]).failed(2, "has no name");
    assert!(!world.path("x.torrent").exists());
    // `.` has the name of the folder.
    world.sample("a", 5);
    assert_eq!(world.run(&["create", ".", "-o", "x.torrent"]).exit, 0);
    let name = world.folder.path().file_name().unwrap().to_str().unwrap().trim_start_matches('.');
    assert!(torrent(&world).info.name().ends_with(name));
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_unicode_is_refused() {
    use std::os::unix::ffi::OsStrExt;
    let world = World::new();
    folder(&world, &[("a", 10)]);
    write(&world.path("f").join(std::ffi::OsStr::from_bytes(b"\xff.bin")), b"x");
    world.run(&["create", "f", "-o", "x.torrent"]).failed(6, "is not Unicode");
}
