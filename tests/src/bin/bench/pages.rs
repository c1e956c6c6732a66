//! A few texts over HTTP: the pages and workers of yardsticks.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Result;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// More than a browser sends with a request.
const HEAD_LEN_MAX: usize = 64 * 1024;

/// Ends when dropped.
pub struct Pages {
    address: SocketAddr,
    _task: JoinSet<()>,
}

impl Pages {
    /// Serves each text at its path; `/` is the page.
    ///
    /// # Errors
    /// If no port is free.
    pub async fn serve(texts: Vec<(&'static str, String)>) -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let texts = Arc::new(texts);
        let mut task = JoinSet::new();
        task.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                // A browser opens connections that it does not use.
                let texts = texts.clone();
                tokio::spawn(async move { answer(stream, &texts).await });
            }
        });
        Ok(Self { address, _task: task })
    }

    /// Where the page is.
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }
}

async fn answer(mut stream: TcpStream, texts: &[(&'static str, String)]) -> std::io::Result<()> {
    let mut request = Vec::new();
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        if request.len() > HEAD_LEN_MAX || stream.read_buf(&mut request).await? == 0 {
            return Ok(());
        }
    }
    let text = texts.iter().find(|(path, _)| request.starts_with(format!("GET {path} ").as_bytes()));
    let Some((path, text)) = text else {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n").await;
    };
    let kind = if path.ends_with(".js") { "text/javascript" } else { "text/html" };
    let len = text.len();
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\nContent-Length: {len}\r\nConnection: close\r\n\r\n");
    stream.write_all(head.as_bytes()).await?;
    stream.write_all(text.as_bytes()).await
}
