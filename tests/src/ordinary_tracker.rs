//! The smallest HTTP tracker (BEP 3, BEP 23): it tells whoever asks the same peers. Ordinary clients
//! need one to find a seeder that they know the address of.

use std::net::SocketAddrV4;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinHandle;

const REQUEST_LEN_MAX: usize = 8 * 1024;

/// Ends when dropped.
pub struct OrdinaryTracker {
    announce: String,
    task: JoinHandle<()>,
}

impl OrdinaryTracker {
    /// Listens at a free port; every announce is answered with `peers`.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn start(peers: Vec<SocketAddrV4>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let announce = format!("http://{}/announce", listener.local_addr()?);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // One after the other: the clients are few. One that hangs up gets no answer.
                let _ = answer(stream, &peers).await;
            }
        });
        Ok(Self { announce, task })
    }

    /// Its announce URL.
    pub fn announce(&self) -> &str {
        &self.announce
    }
}

impl Drop for OrdinaryTracker {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn answer(mut stream: TcpStream, peers: &[SocketAddrV4]) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > REQUEST_LEN_MAX || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let body = announce_reply(peers);
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(&body).await
}

fn announce_reply(peers: &[SocketAddrV4]) -> Vec<u8> {
    let mut reply = format!("d8:intervali1800e5:peers{}:", peers.len() * 6).into_bytes();
    for peer in peers {
        reply.extend_from_slice(&peer.ip().octets());
        reply.extend_from_slice(&peer.port().to_be_bytes());
    }
    reply.push(b'e');
    reply
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peers_are_compact() {
        let reply = announce_reply(&["127.0.0.1:6881".parse().unwrap()]);
        assert_eq!(reply, b"d8:intervali1800e5:peers6:\x7f\0\0\x01\x1a\xe1e");
    }
}
