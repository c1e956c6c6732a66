//! Passkeys stay secret.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use crate::harness::{Member, Server};
use crate::passkeys::passkey;

/// A server whose log goes to a pipe, with everything in it.
struct Talkative(Child);

impl Drop for Talkative {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn get(address: &str, path: &str) -> String {
    let mut tcp = TcpStream::connect(address).unwrap();
    write!(tcp, "GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = Vec::new();
    tcp.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn a_passkey_is_in_no_log_no_metric_and_not_in_the_database() {
    let mut first = Server::start();
    let mut member = Member::new(&first).await;
    let (group, _) = member.create_group([7; 32]).await;
    let made = passkey(&mut member, group).await;
    let secret = made.in_url();
    first.kill();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-relay"));
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(first.folder()).env("RUST_LOG", "trace");
    let mut server = Talkative(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    let mut log = server.0.stderr.take().unwrap();
    let reading = std::thread::spawn(move || {
        let mut all = String::new();
        log.read_to_string(&mut all).unwrap();
        all
    });
    let mut line = String::new();
    BufReader::new(server.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap().to_owned();
    let query =
        "info_hash=%00%01%02aaaaaaaaaaaaaaaaa&peer_id=-TR3000-abcdefghijkl&port=6881&uploaded=0&downloaded=0&left=0";
    let answers = [
        get(&address, &format!("/announce/{secret}?{query}")),
        get(&address, &format!("/announce/{secret}?nonsense")),
        get(&address, &format!("/announce/{secret}/more")),
        get(&address, &format!("/scrape/{secret}?{query}")),
        get(&address, "/metrics"),
        get(&address, "/control"),
    ];
    assert!(answers[0].contains("does not have this torrent"), "{}", answers[0]);
    assert!(answers.iter().all(|answer| !answer.contains(&secret)));
    drop(server);
    let log = reading.join().unwrap();
    assert!(log.contains("upgrade refused"), "the log says everything: {log}");
    assert!(!log.contains(&secret) && !log.contains(&secret[..12]), "{log}");
    for file in std::fs::read_dir(first.folder()).unwrap() {
        let kept = std::fs::read(file.unwrap().path()).unwrap();
        assert!(!kept.windows(16).any(|window| window == made.0));
    }
}
