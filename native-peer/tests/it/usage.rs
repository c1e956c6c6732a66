//! What is typed: refusals say what to do, help is complete.

use std::net::TcpListener;

use wire_protocol::pasted::identity_link;

use crate::program::{Run, World};

const INVITE: &str = "http://127.0.0.1:9/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA";

#[test]
fn what_is_no_invite_is_a_usage_error() {
    let world = World::new();
    world.run(&["download", "movie.mp4"]).failed(2, "There is no link in it");
    world.run(&["download", "http://127.0.0.1:9/#x"]).failed(2, "http://127.0.0.1:9/ is no invite");
    world.run(&["download", "http://127.0.0.1:9/j/lively-otter"]).failed(2, "ask to be let in");
    world
        .run(&["download", "http://127.0.0.1:9/j/lively-otter#short"])
        .failed(2, "it has 5 characters and should have 22");
    let other = INVITE.replace("lively-otter", "brave-heron");
    world.run(&["download", &format!("{INVITE} {other}")]).failed(2, "two different invites");
    world.run(&["download", &identity_link("http://127.0.0.1:9", &[7; 32])]).failed(2, "an identity");
    world.run(&["download", INVITE, "--files", "1"]).failed(7, "127.0.0.1:9");
    world.run(&["download", INVITE, "--files", "5-2"]).failed(2, "is no range");
    let both = world.run(&["download", INVITE, "-o", "-", "--json"]);
    assert!(both.stdout.contains("save to a file with -o PATH"), "{}", both.stdout);
    world.run(&["download"]).failed(2, "NATIVE_PEER_LINK");
    world.run_with_stdin(&["download", "-"], "nonsense\n").failed(2, "this is not an invite");
}

/// Every command that takes an invite finds it in what was pasted, and goes to the server that it names.
#[test]
fn a_link_is_found_in_what_was_pasted() {
    let (begin, end) = INVITE.split_at(INVITE.len() - 9);
    let pasted = [
        format!("<{INVITE}>."),
        format!("**{INVITE}**"),
        format!("{INVITE}&fbclid=abc"),
        INVITE.replace('#', "?fbclid=abc#"),
        INVITE.replace('#', "%23"),
        INVITE.replace("http", "HTTP"),
        INVITE.replace("http://", ""),
        format!("[the film]({INVITE})"),
        format!("native-peer download '{INVITE}'"),
        format!("{begin}\n{end}"),
        format!("> {begin}=\r\n{end}"),
    ];
    let others = [&["group", "join"][..], &["keep"], &["group", "files"], &["bridge"]];
    let all =
        pasted.iter().map(|pasted| (&["download"][..], pasted)).chain(others.map(|command| (command, &pasted[1])));
    // Each tries for a while to reach a server that is not there.
    std::thread::scope(|threads| {
        for (command, pasted) in all {
            threads.spawn(move || {
                let args = [command, &["--no-tcp", pasted][..]].concat();
                World::new().run(&args).failed(7, "cannot reach the server http://127.0.0.1:9");
            });
        }
    });
}

#[test]
fn a_letter_with_an_invite_may_come_by_stdin_and_the_environment() {
    let world = World::new();
    let (begin, end) = INVITE.split_at(INVITE.len() - 9);
    for letter in [
        format!("Hello Bo,\n\nhere is the film:\n\n  {INVITE}\n\nAna\n"),
        format!("> Look:\n> {begin}\n> {end}\n\nGot it?\n"),
        format!("https://example.com/ says:\r\n<{INVITE}>.\r\n"),
    ] {
        world.run_with_stdin(&["download", "--no-tcp", "-"], &letter).failed(7, "http://127.0.0.1:9");
        let run = world.command(&["download", "--no-tcp"]).env("NATIVE_PEER_LINK", &letter).output().unwrap();
        assert_eq!(run.status.code(), Some(7), "{letter}");
    }
    let other = INVITE.replace("lively-otter", "brave-heron");
    world.run_with_stdin(&["download", "-"], &format!("{INVITE}\nor\n{other}\n")).failed(2, "two different invites");
}

/// A group is called by what was typed, and the server knows what it is called.
#[test]
fn no_group_is_made_that_is_called_by_a_link() {
    let world = World::new();
    world.sample("movie.mp4", 1000);
    for link in [&INVITE[..INVITE.len() - 2], "http://127.0.0.1:9/j/lively-otter", "127.0.0.1:9/j/lively-otter#x"] {
        world.run(&["share", "movie.mp4", "--group", link]).failed(2, "");
    }
}

#[test]
fn what_is_no_torrent_is_said_before_anything_is_opened() {
    let world = World::new();
    world.run(&["download", "magnet:?xt=urn:btih:00"]).failed(2, "copy the whole link again");
    world.run(&["download", "magnet:?xt=urn:btmh:1220aa"]).failed(4, "version 2 torrent");
    world.run(&["download", "movie.torrent"]).failed(6, "There is no such file");
    world.run(&["seed", "movie.torrent"]).failed(6, "There is no such file");
    world.run(&["download", "movie.torrent", "--files", "5-2"]).failed(2, "is no range");
    world.run(&["download", "movie.torrent", "--peer", "somewhere"]).failed(2, "HOST:PORT");
}

#[test]
fn what_cannot_be_shared_yet_is_a_usage_error() {
    let world = World::new();
    std::fs::create_dir(world.path("nothing")).unwrap();
    world.run(&["share", "nothing"]).failed(6, "nothing is empty");
    world.run(&["share", "a", "b"]).failed(2, "2 paths given");
    world.sample("movie.mp4", 1000);
    world.run(&["share", "movie.mp4", "--server", "share.example"]).failed(2, "begins with http:// or https://");
    world.run(&["share", "absent.mp4"]).failed(6, "There is no such file");
}

#[test]
fn an_address_to_listen_on_is_taken_as_people_write_it_or_explained() {
    let world = World::new();
    for listen in ["localhost:0", ":0", "0", "[::1]:0", "127.0.0.1:0"] {
        // Past the command line: the next thing that fails is the server.
        world.run(&["download", INVITE, "--listen", listen]).failed(7, "127.0.0.1:9");
    }
    for (listen, words) in [("::1:80", "[::1]:80"), ("localhost", "localhost:8080"), ("127.0.0.1:99999", "65535")] {
        world.run(&["download", INVITE, "--listen", listen]).failed(2, words);
    }
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    world.run(&["download", INVITE, "--listen", &address]).failed(6, "nother program listens there");
    world.run(&["download", INVITE, "--listen", "192.0.2.1:0"]).failed(6, "no such address");
}

#[test]
fn a_data_folder_that_cannot_be_is_explained_with_its_option() {
    let world = World::new();
    std::fs::write(world.path("file"), "").unwrap();
    world.run(&["group", "list", "--data", "file/data"]).failed(6, "choose another folder with --data DIR");
    let mut homeless = world.command(&["group", "list"]);
    homeless.env_remove("NATIVE_PEER_DATA").env("HOME", world.path("file")).env_remove("XDG_DATA_HOME");
    Run::of(homeless.output().unwrap()).failed(6, "--data DIR");
}

#[test]
fn flags_that_make_no_sense_are_usage_errors() {
    let world = World::new();
    for args in [
        &["share"][..],
        &["fly"],
        &["download", INVITE, "--seed", "--no-seed"],
        &["download", INVITE, "--policy", "rarest"],
        &["download", INVITE, "--timeout", "soon"],
        &["download", INVITE, "--overwrite", "--rename"],
        &["create", "x", "-o", "y", "--piece-size", "3M"],
        &["create", "x", "-o", "y", "--tracker", "wss://t.example"],
        &["create", "x", "-o", "y", "--web-seed", "udp://t.example:1"],
        &["info", "magnet:?dn=x"],
        &["info", "magnet:?xt=urn:btih:00"],
        &["group"],
        &["group", "invite", "Band", "--uses", "0"],
        &["group", "invite", "Band", "--expires", "91d"],
        &["group", "create", " "],
        &["group", "torrent", "--group", "Band"],
        &["group", "torrent", "movie.mp4"],
        &["group", "torrent", "movie.mp4", "--group", "Band", "--revoke"],
        &["group", "join", "not an invite"],
    ] {
        let run = world.run(args);
        assert_eq!(run.exit, 2, "{args:?}: {run:?}");
        assert!(run.stderr.contains("error:"), "{args:?}: {run:?}");
    }
}

#[test]
fn a_dead_server_is_an_error_of_its_own() {
    let world = World::new();
    world.sample("movie.mp4", 1000);
    // A port that was free a moment ago: nobody listens there.
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let server = format!("http://127.0.0.1:{port}");
    world
        .run(&["share", "movie.mp4", "--server", &server, "--listen", "127.0.0.1:0"])
        .failed(7, &format!("cannot reach the server {server}"));
    let invite = format!("{server}/j/lively-otter#AAAAAAAAAAAAAAAAAAAAAA");
    world.run(&["download", &invite, "--listen", "127.0.0.1:0"]).failed(7, "Check the address");
    let run = world.command(&["download", "--no-tcp"]).env("NATIVE_PEER_LINK", &invite).output().unwrap();
    assert_eq!(run.status.code(), Some(7), "the invite may stand in the environment");
}

#[test]
fn the_commands_are_these() {
    let world = World::new();
    let help = world.run(&["--help"]);
    let commands = help.stdout.split("Commands:").nth(1).unwrap().split("Global options:").next().unwrap();
    let expected = "
  share        Share a file or folder: prints a link at once, then serves it until Ctrl-C
  download     Download by an invite, a torrent file or a magnet link; goes on where it stopped
  seed         Serve what a torrent file describes to any BitTorrent client
  bridge       Bring a torrent into a group: browsers download what ordinary clients have
  keep         Hold everything that a group shares, so that others can close theirs
  create       Make a .torrent file of a file or a folder, without sharing it
  info         Show what is in a .torrent file or a magnet link
  group        Make, join and look after groups
  identity     Who you are: show it, or take it to another device
  completions  Print a completion script for a shell
  help         Print this message or the help of the given subcommand(s)
";
    let lines = |text: &str| {
        text.lines().map(|line| line.trim().to_owned()).filter(|line| !line.is_empty()).collect::<Vec<_>>()
    };
    assert!(lines(commands).starts_with(&lines(expected)), "{commands}");
    assert!(help.stdout.contains("130 interrupted"));
}

#[test]
fn completions_know_the_commands() {
    let world = World::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = world.run(&["completions", shell]);
        assert_eq!(run.exit, 0);
        assert!(run.stdout.contains("download"), "{shell}");
    }
}
