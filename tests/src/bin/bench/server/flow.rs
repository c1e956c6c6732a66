//! Bytes that flow through pairs for a while, and what that costs the server.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use super::observed::Observed;
use super::pairs::{Pair, masked_message};

/// Before anything is counted.
const WARM_UP: Duration = Duration::from_millis(300);
/// Of a receiver, bytes.
const READ_LEN: usize = 256 * 1024;

/// What one turn came to.
#[derive(Debug, Clone, Copy)]
pub struct Flow {
    /// Bytes per second, all pairs together.
    pub rate: f64,
    /// Processor seconds of the server per GiB.
    pub cpu_per_gib: f64,
}

/// Senders that send as fast as they can, and receivers that read; until dropped.
pub struct Flowing {
    received: Arc<AtomicU64>,
    _tasks: JoinSet<()>,
}

impl Flowing {
    /// Begins at once, with messages of this length.
    pub fn start(pairs: Vec<Pair>, message_len: usize) -> Self {
        let message: Arc<[u8]> = masked_message(message_len).into();
        let received = Arc::new(AtomicU64::new(0));
        let mut tasks = JoinSet::new();
        for Pair { sender, receiver } in pairs {
            tasks.spawn(send(sender, message.clone()));
            tasks.spawn(receive(receiver, received.clone()));
        }
        Self { received, _tasks: tasks }
    }

    /// What flows in this time. Headers count as bytes: 10 in 16 KiB and more.
    pub async fn observe(&self, server: &Observed, time: Duration) -> Result<Flow> {
        tokio::time::sleep(WARM_UP).await;
        let (began, bytes, cpu) = (Instant::now(), self.received.load(Ordering::Relaxed), server.cpu_seconds()?);
        tokio::time::sleep(time).await;
        let bytes = (self.received.load(Ordering::Relaxed) - bytes) as f64;
        let cpu = server.cpu_seconds()? - cpu;
        Ok(Flow { rate: bytes / began.elapsed().as_secs_f64(), cpu_per_gib: cpu / (bytes / f64::from(1 << 30)) })
    }
}

/// Sends one and the same message until nobody takes it.
pub async fn send(mut sender: TcpStream, message: Arc<[u8]>) {
    while sender.write_all(&message).await.is_ok() {}
}

async fn receive(mut receiver: TcpStream, received: Arc<AtomicU64>) {
    let mut buffer = vec![0; READ_LEN];
    while let Ok(count @ 1..) = receiver.read(&mut buffer).await {
        received.fetch_add(count as u64, Ordering::Relaxed);
    }
}
