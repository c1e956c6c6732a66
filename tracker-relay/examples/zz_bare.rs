use futures_util::{SinkExt, StreamExt};
#[tokio::main]
async fn main() {
    let l = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("x");
    println!("{}", l.local_addr().expect("x"));
    loop {
        let (a, _) = l.accept().await.expect("x");
        a.set_nodelay(true).ok();
        let mut a = tokio_tungstenite::accept_async(a).await.expect("x");
        let (b, _) = l.accept().await.expect("x");
        b.set_nodelay(true).ok();
        let mut b = tokio_tungstenite::accept_async(b).await.expect("x");
        tokio::spawn(async move { while let Some(Ok(m)) = a.next().await { if m.is_close() { break } if b.send(m).await.is_err() { break } } });
    }
}
