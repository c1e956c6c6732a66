//! `check`: dials a server as its users do, through whatever stands in front of it, and says what that gets wrong.

use std::io::Write;
use std::time::Duration;

use anyhow::{Context, bail};
use futures_util::StreamExt;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::http::header;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use transport::{Answer, Trouble};
use wire_protocol::control::{self, MESSAGE_LEN_MAX, Origin, TrackerToMember, decode_from_tracker};
use wire_protocol::link;

use crate::http::{PROGRAM, Seen};

/// For the server's first words.
const HELLO_TIMEOUT: Duration = Duration::from_secs(10);

/// What was found, as it is said.
#[derive(Debug, Default)]
struct Findings {
    wrong: usize,
}

impl Findings {
    fn right(&mut self, what: &str) -> anyhow::Result<()> {
        say(&format!("  ok     {what}"))
    }

    fn wrong(&mut self, what: &str) -> anyhow::Result<()> {
        self.wrong += 1;
        say(&format!("  wrong  {what}"))
    }

    fn end(&self) -> anyhow::Result<()> {
        match self.wrong {
            0 => say("Everything that was looked at is right."),
            1 => bail!("one thing is wrong"),
            wrong => bail!("{wrong} things are wrong"),
        }
    }
}

fn say(line: &str) -> anyhow::Result<()> {
    writeln!(std::io::stdout(), "{line}").context("cannot write to stdout")
}

/// Looks at all of it, and says it on stdout.
///
/// # Errors
/// Something is wrong.
pub async fn check(to: &Origin) -> anyhow::Result<()> {
    say(&to.to_string())?;
    let mut findings = Findings::default();
    // Whatever does not come so far comes no further.
    match look_at_server(to).await {
        Err(trouble) => findings.wrong(&trouble)?,
        Ok((seen, answer)) => {
            findings.right(&format!("tracker-relay answers{}", if to.is_https() { ", over TLS" } else { "" }))?;
            look_at_page(to, &seen, &mut findings).await?;
            look_at_websockets(to, &mut findings).await?;
            match &seen.refusal {
                Some(refusal) => findings.wrong(&format!("logins are refused: {refusal}"))?,
                None => findings.right("people may log in by this address")?,
            }
            look_at_addresses(to, &seen, &answer, &mut findings)?;
        }
    }
    findings.end()
}

/// What the server sees of us; why it is not there, in a clause.
async fn look_at_server(to: &Origin) -> Result<(Seen, Answer), String> {
    let answer = transport::get(to, &format!("/seen?origin={to}")).await.map_err(|trouble| trouble.to_string())?;
    let is_elsewhere = answer.status.is_redirection();
    if !answer.status.is_success() {
        let trouble = Trouble::of_answer(answer.status, &answer.headers, &answer.body);
        return Err(match is_elsewhere {
            true => format!("{trouble}, check that one, and name it with --public-url if the server is yours"),
            false => trouble.to_string(),
        });
    }
    match serde_json::from_slice::<Seen>(&answer.body).ok().filter(|seen| seen.program == PROGRAM) {
        Some(seen) => Ok((seen, answer)),
        None => Err(Trouble::of_answer(answer.status, &answer.headers, &[]).to_string()),
    }
}

async fn look_at_page(to: &Origin, seen: &Seen, findings: &mut Findings) -> anyhow::Result<()> {
    const ALL: &str = "the reverse proxy has to pass every path on, not only some (nginx: location / { … })";
    if !seen.has_page {
        return findings.wrong(
            "the page is missing: this tracker-relay was built without it; build it with cargo xtask build, or add --page DIR",
        );
    }
    let index = match transport::get(to, "/").await {
        Ok(answer) if answer.status.is_success() => answer,
        Ok(answer) if answer.status.is_redirection() => {
            let trouble = Trouble::of_answer(answer.status, &answer.headers, &answer.body);
            return findings.wrong(&format!("the page is not at this address: {trouble}"));
        }
        Ok(answer) => return findings.wrong(&format!("the page is missing (HTTP {}): {ALL}", answer.status.as_u16())),
        Err(trouble) => return findings.wrong(&format!("the page is missing: {trouble}")),
    };
    let text = String::from_utf8_lossy(&index.body);
    let Some(script) = script_in(&text) else {
        return findings.wrong(&format!("another page is there, not Covey's: {ALL}"));
    };
    match transport::get(to, script).await {
        Ok(answer) if answer.status.is_success() => findings.right("the page is there"),
        Ok(answer) => {
            findings.wrong(&format!("the page's files are missing ({script}: HTTP {}): {ALL}", answer.status.as_u16()))
        }
        Err(trouble) => findings.wrong(&format!("the page's files are missing: {trouble}")),
    }
}

/// The first script's path, which begins with `/`.
fn script_in(page: &str) -> Option<&str> {
    page.split(['"', '\'']).find(|text| text.starts_with('/') && text.ends_with(".js"))
}

async fn look_at_websockets(to: &Origin, findings: &mut Findings) -> anyhow::Result<()> {
    let base = to.to_string().replacen("http", "ws", 1);
    let config =
        WebSocketConfig::default().max_message_size(Some(MESSAGE_LEN_MAX)).max_frame_size(Some(MESSAGE_LEN_MAX));
    match transport::open(&format!("{base}/control"), control::SUBPROTOCOL, config).await {
        Err(trouble) => findings.wrong(&format!("the WebSocket /control does not open: {trouble}"))?,
        Ok(mut socket) => match timeout(HELLO_TIMEOUT, socket.next()).await {
            Ok(Some(Ok(Message::Binary(hello)))) if matches!(decode_from_tracker(&hello), Ok(TrackerToMember::Hello(_))) => {
                findings.right("the WebSocket /control opens, and the server says hello")?;
            }
            Ok(Some(Ok(_))) => findings.wrong("the WebSocket /control opens, but its first message is damaged on the way")?,
            _ => findings.wrong(
                "the WebSocket /control opens, but nothing comes through it: the reverse proxy must not buffer it or time out so soon",
            )?,
        },
    }
    match transport::open(&format!("{base}/link"), link::SUBPROTOCOL, config).await {
        Ok(_) => findings.right("the WebSocket /link opens"),
        Err(trouble) => findings.wrong(&format!("the WebSocket /link does not open: {trouble}")),
    }
}

/// Whether the server can tell its visitors apart.
fn look_at_addresses(to: &Origin, seen: &Seen, answer: &Answer, findings: &mut Findings) -> anyhow::Result<()> {
    let trusted = match seen.is_this_machine {
        true => "--trusted-proxy 127.0.0.1",
        false => "--trusted-proxy and the proxy's address",
    };
    match (seen.has_forwarded_for, seen.is_trusted) {
        (true, true) => findings.right("the server sees each visitor's own address"),
        (true, false) => findings.wrong(&format!(
            "all visitors share one address, the reverse proxy's, and one may use up what is meant for all: start \
             tracker-relay with {trusted}"
        )),
        (false, _) if is_through_proxy(to, seen, answer) => findings.wrong(&format!(
            "all visitors share one address, because the reverse proxy does not send X-Forwarded-For: let it (in \
             nginx `proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;`), and start tracker-relay with {trusted}"
        )),
        (false, _) => findings.right("no reverse proxy is seen: the server sees each visitor's own address"),
    }
}

/// Whether somebody else's connection reaches the server, as far as one can tell: its answers carry no name of its software, and
/// our own connection is known at the other end by our port, unless a router in between has changed that.
fn is_through_proxy(to: &Origin, seen: &Seen, answer: &Answer) -> bool {
    let is_named = [header::SERVER, header::VIA].iter().any(|name| answer.headers.contains_key(name));
    let is_other = answer.local.is_some_and(|local| local.port() != seen.peer_port);
    let is_ours_alone = answer.local.is_some_and(|local| local.ip().is_loopback()) && seen.is_this_machine;
    seen.is_proxied || (to.is_https() && !seen.tls) || (is_other && seen.is_near && (is_named || is_ours_alone))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pages_script_is_found() {
        let page = r#"<link href="/style.css"><script type="module">import init from '/page-1a.js';</script>"#;
        assert_eq!(script_in(page), Some("/page-1a.js"));
        assert_eq!(script_in("<html><body>It works!</body></html>"), None);
    }
}
