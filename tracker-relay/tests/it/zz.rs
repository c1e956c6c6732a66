use std::time::Instant;
use futures_util::{SinkExt, StreamExt};
use tokio_tungstenite::tungstenite::Message;
use crate::harness::*;
use crate::links::Swarm;
fn cpu(pid: u32) -> f64 {
    let s = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap();
    let f: Vec<&str> = s.rsplit_once(')').unwrap().1.split_whitespace().collect();
    (f[11].parse::<f64>().unwrap() + f[12].parse::<f64>().unwrap()) / 100.0
}
async fn go(a: Client, b: Client, size: usize, pid: u32) -> (f64, f64) {
    let (mut a, mut b) = (a, b);
    let total: usize = 1 << 30;
    let c0 = cpu(pid); let t = Instant::now();
    let send = tokio::spawn(async move { let m = bytes::Bytes::from(vec![1u8; size]); for _ in 0..total / size { a.send(Message::Binary(m.clone())).await.unwrap(); } a });
    let mut left = total;
    while left > 0 { if let Message::Binary(x) = b.next().await.unwrap().unwrap() { left -= x.len(); } }
    let _a = send.await.unwrap();
    (t.elapsed().as_secs_f64(), cpu(pid) - c0)
}
#[tokio::test(flavor = "multi_thread")]
#[ignore]
async fn zz_yard() {
    let server = Server::start();
    let exe = std::path::Path::new(env!("CARGO_BIN_EXE_tracker-relay")).parent().unwrap().join("examples/zz_bare");
    let mut child = std::process::Command::new(exe).stdout(std::process::Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(child.stdout.take().unwrap()), &mut line).unwrap();
    let bare: std::net::SocketAddr = line.trim().parse().unwrap();
    for size in [16 << 10, 64 << 10, 256 << 10] {
        for _ in 0..3 {
            let (a, b) = Swarm::new(&server).await.link().await;
            let (t, c) = go(a, b, size, server.pid()).await;
            let a = open(bare, "/", None, None).await.unwrap();
            let b = open(bare, "/", None, None).await.unwrap();
            let (t2, c2) = go(a, b, size, child.id()).await;
            println!("{} KiB: relay {t:.2} s cpu {c:.2}; bare {t2:.2} s cpu {c2:.2}; cpu ratio {:.2}", size >> 10, c2 / c);
        }
    }
    child.kill().unwrap();
}
