//! A reverse proxy that the server was not told of: it says so.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};

use crate::harness::open_control_for;

/// Ends with the test.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(flags: &[&str]) -> (Program, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_tracker-relay"));
    command.args(["--listen", "127.0.0.1:0", "--data"]).arg(folder.path().join("data")).args(flags);
    (Program(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()), folder)
}

/// Reads until a line says it.
fn says(from: impl Read, words: &str) -> String {
    let lines = BufReader::new(from).lines().map_while(Result::ok);
    lines.into_iter().find(|line| line.contains(words)).unwrap_or_else(|| panic!("never says {words:?}"))
}

#[test]
fn https_without_a_trusted_proxy_is_warned_of_at_the_start() {
    let (mut program, _folder) = start(&["--public-url", "https://share.example"]);
    let warning = says(program.0.stderr.take().unwrap(), "--trusted-proxy");
    assert!(warning.contains("WARN"), "{warning}");
}

#[tokio::test]
async fn the_first_request_through_an_unknown_proxy_is_warned_of() {
    let (mut program, _folder) = start(&[]);
    let ready = says(program.0.stdout.take().unwrap(), "listening on");
    let address = ready.rsplit('/').next().unwrap().parse().unwrap();
    let _client = open_control_for(address, "203.0.113.7").await.unwrap();
    let warning = says(program.0.stderr.take().unwrap(), "--trusted-proxy 127.0.0.1");
    assert!(warning.contains("WARN"), "{warning}");
}
