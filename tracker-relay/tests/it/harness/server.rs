//! The server program.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream as StdTcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use tempfile::TempDir;
use tokio::time::timeout;

use super::PATIENCE;

/// The program, running.
pub struct Server {
    child: Child,
    pub address: SocketAddr,
    folder: PathBuf,
    flags: Vec<String>,
    /// Goes with the server.
    temporary: Option<TempDir>,
}

impl Server {
    pub fn start() -> Self {
        Self::start_with(&[])
    }

    pub fn start_with(flags: &[&str]) -> Self {
        let temporary = tempfile::tempdir().unwrap();
        let mut server = Self::start_in(temporary.path().join("data"), flags);
        server.temporary = Some(temporary);
        server
    }

    /// In a folder that stays when the server goes.
    pub fn start_in(folder: PathBuf, flags: &[&str]) -> Self {
        let flags: Vec<String> = flags.iter().map(|flag| flag.to_string()).collect();
        let (child, address) = spawn(&folder, &flags);
        Self { child, address, folder, flags, temporary: None }
    }

    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// SIGKILL: no goodbye, nothing flushed.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// The same data, another process (and port).
    pub fn start_again(&mut self) {
        let (child, address) = spawn(&self.folder, &self.flags);
        self.child = child;
        self.address = address;
    }

    /// What clients dial.
    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    pub fn terminate(&self) {
        self.signal(rustix::process::Signal::TERM);
    }

    /// Ctrl-C.
    pub fn interrupt(&self) {
        self.signal(rustix::process::Signal::INT);
    }

    fn signal(&self, signal: rustix::process::Signal) {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, signal).unwrap();
    }

    pub async fn exit(&mut self) -> ExitStatus {
        timeout(PATIENCE, async {
            loop {
                if let Some(status) = self.child.try_wait().unwrap() {
                    return status;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        })
        .await
        .expect("the server ends")
    }

    /// Status line, headers and body of a GET.
    pub fn get(&self, path: &str) -> (String, String) {
        let mut tcp = StdTcpStream::connect(self.address).unwrap();
        tcp.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(tcp, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = Vec::new();
        tcp.read_to_end(&mut answer).unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        (head.to_owned(), body.to_owned())
    }

    /// One line of /metrics.
    pub fn metric(&self, name: &str) -> f64 {
        let (_, body) = self.get("/metrics");
        let line = body.lines().find(|line| line.rsplit_once(' ').is_some_and(|(key, _)| key == name));
        line.unwrap_or_else(|| panic!("no metric {name}")).rsplit_once(' ').unwrap().1.parse().unwrap()
    }

    /// Waits until a metric has a value.
    pub async fn metric_becomes(&self, name: &str, value: f64) {
        let reached = async {
            while self.metric(name) != value {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, reached).await.unwrap_or_else(|_| panic!("{name} is {}, not {value}", self.metric(name)));
    }

    /// Bytes that the kernel has taken from the server and the other ends have not taken from it.
    pub fn untaken(&self) -> usize {
        let ours = format!(":{:04X}", self.address.port());
        let sockets = std::fs::read_to_string("/proc/net/tcp").unwrap();
        let columns = sockets.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let of_ours = columns.filter(|columns| columns[1].ends_with(&ours));
        // The listener's queue, state 0A, means something else.
        let queues = of_ours.filter(|columns| columns[3] != "0A").map(|columns| columns[4].split_once(':').unwrap().0);
        queues.map(|unsent| usize::from_str_radix(unsent, 16).unwrap()).sum()
    }

    /// Waits until a metric has not changed for a while.
    pub async fn metric_settles(&self, name: &str) {
        let settled = async {
            let (mut value, mut since) = (self.metric(name), std::time::Instant::now());
            while since.elapsed() < Duration::from_millis(500) {
                tokio::time::sleep(Duration::from_millis(20)).await;
                let now = self.metric(name);
                if now != value {
                    (value, since) = (now, std::time::Instant::now());
                }
            }
        };
        timeout(PATIENCE, settled).await.unwrap_or_else(|_| panic!("{name} goes on changing"));
    }

    /// Resident memory, bytes.
    pub fn resident(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// This many files may the program have open, where a test says so.
const OPEN_FILES: &str = "--open-files";

fn spawn(folder: &std::path::Path, flags: &[String]) -> (Child, SocketAddr) {
    let program = env!("CARGO_BIN_EXE_tracker-relay");
    let mut command = Command::new(program);
    let mut flags = flags;
    if let [name, count, rest @ ..] = flags
        && name == OPEN_FILES
    {
        command = Command::new("prlimit");
        command.arg(format!("--nofile={count}:{count}")).arg(program);
        flags = rest;
    }
    let mut child = command
        .args(["--listen", "127.0.0.1:0", "--data"])
        .arg(folder)
        .args(flags)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address = line.trim().strip_prefix("listening on http://").unwrap_or_else(|| panic!("said {line:?}"));
    (child, address.parse().unwrap())
}
