//! One request, one answer.

use std::net::SocketAddr;
use std::time::Duration;

use http_body_util::{BodyExt, Empty};
use hyper::body::Bytes;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio_tungstenite::tungstenite::http::{HeaderMap, Request, StatusCode, header};
use tokio_util::task::AbortOnDropHandle;
use wire_protocol::control::Origin;

use crate::Stream;
use crate::dial::{dial, speaks_tls};
use crate::trouble::Trouble;

/// All of it.
const GET_TIMEOUT: Duration = Duration::from_secs(10);
/// Of an answer's body, so much is read.
const BODY_LEN_MAX: usize = 64 * 1024;

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// Any.
    pub status: StatusCode,
    /// All of them.
    pub headers: HeaderMap,
    /// Its first 64 KiB.
    pub body: Vec<u8>,
    /// Our own end of the connection.
    pub local: Option<SocketAddr>,
}

/// Asks for a path, which begins with `/`.
///
/// # Errors
/// [`Trouble`]: there is no answer. One that is no success is an answer.
pub async fn get(to: &Origin, path: &str) -> Result<Answer, Trouble> {
    let asking = Box::pin(async {
        let answer = ask(dial(to).await?, to, path).await;
        let is_clear = match &answer {
            Ok(answer) => answer.status != StatusCode::BAD_REQUEST,
            Err(trouble) => !matches!(trouble, Trouble::NotHttp | Trouble::Closed),
        };
        match is_clear || to.is_https() || !speaks_tls(to).await {
            true => answer,
            false => Err(Trouble::SpeaksTls),
        }
    });
    tokio::time::timeout(GET_TIMEOUT, asking).await.unwrap_or(Err(Trouble::TimedOut(GET_TIMEOUT.as_secs())))
}

/// The same on a connection that is there.
pub(crate) async fn ask(stream: Stream, to: &Origin, path: &str) -> Result<Answer, Trouble> {
    let local = stream.tcp().local_addr().ok();
    let failed = |error: hyper::Error| if error.is_parse() { Trouble::NotHttp } else { Trouble::Closed };
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let _connection = AbortOnDropHandle::new(tokio::spawn(connection));
    let request = Request::get(path)
        .header(header::HOST, to.authority())
        .header(header::USER_AGENT, concat!("Covey/", env!("CARGO_PKG_VERSION")))
        .header(header::CONNECTION, "close")
        .body(Empty::<Bytes>::new())
        .map_err(|error| Trouble::Network(error.to_string()))?;
    let (head, mut rest) = sender.send_request(request).await.map_err(failed)?.into_parts();
    let mut body = Vec::new();
    // What breaks off is shown as far as it came.
    while body.len() < BODY_LEN_MAX
        && let Some(Ok(frame)) = rest.frame().await
    {
        body.extend_from_slice(frame.data_ref().map_or(&[], |data| data));
    }
    body.truncate(BODY_LEN_MAX);
    Ok(Answer { status: head.status, headers: head.headers, body, local })
}
