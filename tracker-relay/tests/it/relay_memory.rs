//! A receiver that stops reading costs the relay a bounded amount, and others nothing.

use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, Server};
use crate::links::Swarm;

const MESSAGE: usize = 256 * 1024;

/// Sends until nothing goes any more; bytes sent.
async fn push_until_blocked(sender: &mut Client) -> usize {
    let mut sent = 0;
    // A second without any progress, while a working relay moves hundreds of messages a second.
    while timeout(Duration::from_secs(1), sender.send(Message::binary(vec![7; MESSAGE]))).await.is_ok() {
        sent += MESSAGE;
        assert!(sent < 1 << 30, "the relay takes everything although nobody reads");
    }
    sent
}

/// How long one pair takes for 16 MiB.
async fn carry(sender: &mut Client, receiver: &mut Client) -> Duration {
    const COUNT: usize = 64;
    let start = Instant::now();
    let send = async {
        for _ in 0..COUNT {
            sender.send(Message::binary(vec![1; MESSAGE])).await.unwrap();
        }
    };
    let receive = async {
        let mut left = COUNT * MESSAGE;
        while left > 0 {
            if let Message::Binary(bytes) = receiver.next().await.unwrap().unwrap() {
                left -= bytes.len();
            }
        }
    };
    tokio::join!(send, receive);
    start.elapsed()
}

#[tokio::test]
async fn a_receiver_that_stops_reading_holds_little_memory_and_slows_nobody() {
    const STALLED: usize = 8;
    let server = Server::start();
    let (mut sender, mut receiver) = Swarm::new(&server).await.link().await;
    carry(&mut sender, &mut receiver).await;

    let before = server.resident();
    let mut stalled = Vec::new();
    let mut pushed = 0;
    for _ in 0..STALLED {
        let (mut stalled_sender, stalled_receiver) = Swarm::new(&server).await.link().await;
        pushed += push_until_blocked(&mut stalled_sender).await;
        stalled.push((stalled_sender, stalled_receiver));
    }
    let held = server.resident().saturating_sub(before) as usize / STALLED;
    println!("a stalled link: {} KiB resident; {} KiB pushed in all", held / 1024, pushed / STALLED / 1024);
    // One message of 256 KiB in the write buffer, the start of the next one and the buffer it is
    // read into, at both sockets, and as much again for the allocator.
    assert!(held < 2 * 1024 * 1024, "{held} bytes held");

    // What the kernel has taken at the server's end and not got rid of.
    let in_kernel = server.untaken() / STALLED;
    println!("a stalled link: {} KiB in the kernel", in_kernel / 1024);
    assert!(in_kernel < 1024 * 1024, "{in_kernel} bytes in the kernel");

    // Turn by turn beside a second server without stalled links: whatever else this machine does,
    // it does to both.
    let unburdened = Server::start();
    let (mut other_sender, mut other_receiver) = Swarm::new(&unburdened).await.link().await;
    let (mut beside, mut alone) = (Vec::new(), Vec::new());
    for _ in 0..25 {
        beside.push(carry(&mut sender, &mut receiver).await);
        alone.push(carry(&mut other_sender, &mut other_receiver).await);
    }
    beside.sort();
    alone.sort();
    let ratio = alone[12].as_secs_f64() / beside[12].as_secs_f64();
    println!("beside {STALLED} stalled links a pair has {ratio:.2} of the rate it has alone");
    assert!(ratio > 0.6, "{ratio}");

    // The other direction of a stalled link still works.
    let (stalled_sender, stalled_receiver) = &mut stalled[0];
    stalled_receiver.send(Message::binary(vec![9; 1000])).await.unwrap();
    let answer = timeout(Duration::from_secs(30), stalled_sender.next()).await.unwrap().unwrap().unwrap();
    assert_eq!(answer.into_data().len(), 1000);
}

#[tokio::test]
async fn a_stalled_receiver_that_leaves_ends_the_sender() {
    let server = Server::start();
    let (mut sender, receiver) = Swarm::new(&server).await.link().await;
    push_until_blocked(&mut sender).await;
    drop(receiver);
    server.metric_becomes("tr_links_active", 0.0).await;
}

/// There was no bound on what all links hold together.
#[tokio::test]
async fn links_beyond_the_budget_go_on_with_small_buffers() {
    const STALLED: usize = 6;
    // Half a MiB for large buffers: for four directions.
    let server = Server::start_with(&["--link-memory", "1"]);
    let mut stalled = Vec::new();
    for _ in 0..STALLED {
        let (mut sender, receiver) = Swarm::new(&server).await.link().await;
        push_until_blocked(&mut sender).await;
        stalled.push((sender, receiver));
    }
    let denied = server.metric("tr_refused_total{limit=\"link_bytes\"}");
    assert!(denied >= (STALLED - 4) as f64, "{denied} directions");
    let (mut sender, mut receiver) = Swarm::new(&server).await.link().await;
    carry(&mut sender, &mut receiver).await;
    assert!(server.metric("tr_refused_total{limit=\"link_bytes\"}") > denied);
}
