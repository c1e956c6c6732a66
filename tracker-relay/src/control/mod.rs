//! The control conversation, seen from the tracker: one WebSocket per session.
//!
//! - [`login`]: Hello, Login, and why not.
//! - [`session`]: everything after Welcome; [`requests`] and [`swarm_commands`]: what it asks and does.
//! - [`pump`]: the socket and what waits for it, polled together.
//! - [`info_parts`]: an info dictionary on its way in.
//! - [`heard`]: whether it is still there; [`groupless`]: whether it has any
//!   business here; [`renewals`]: when its tickets
//!   are due again; [`restart`]: when members come back.

mod groupless;
mod heard;
mod info_parts;
mod login;
mod pump;
mod renewals;
mod requests;
mod restart;
mod session;
mod swarm_commands;

use std::net::IpAddr;
use std::sync::Arc;

use tokio::time::{Instant, timeout_at};
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tracing::debug;
use wire_protocol::control::{
    MESSAGE_LEN_MAX, MESSAGE_LEN_MAX_BEFORE_LOGIN, Refusal, TrackerToMember, encode_from_tracker,
};

pub use self::info_parts::Info;
pub use self::login::OwnOrigin;
use self::login::{Newcomer, NoLogin};
pub use self::restart::Restart;
use self::session::{Session, SessionEnd};
use crate::front::Front;
use crate::limits::{CONTROL_READ_BUFFER, CONTROL_WRITE_BUFFER, LOGIN_DEADLINE};
use crate::tracker::Tracker;
use crate::websocket::{Held, Socket, Upgrading, close};

/// What every control connection works with.
#[derive(Debug)]
pub struct Control {
    /// Where it all leads.
    pub tracker: Arc<Tracker>,
    /// For which origin members may log in.
    pub own_origin: OwnOrigin,
    /// What proxies lose.
    pub front: Arc<Front>,
    /// When the server stops, and when members come back.
    pub restart: Arc<Restart>,
}

fn control_config() -> WebSocketConfig {
    WebSocketConfig::default()
        .read_buffer_size(CONTROL_READ_BUFFER)
        .write_buffer_size(CONTROL_WRITE_BUFFER)
        .max_write_buffer_size(CONTROL_WRITE_BUFFER + 2 * MESSAGE_LEN_MAX)
        .max_message_size(Some(MESSAGE_LEN_MAX))
        .max_frame_size(Some(MESSAGE_LEN_MAX))
}

impl Control {
    /// One connection, from the upgrade to the end.
    ///
    /// Each stage is boxed: a task is as large as the largest of them from its first moment on, and most strangers
    /// never come to the second.
    pub async fn serve(&self, upgrading: Upgrading, held: Held, observed: IpAddr) {
        let Some((socket, newcomer)) = Box::pin(self.admit(upgrading, held, observed)).await else { return };
        Box::pin(self.converse(socket, newcomer)).await;
    }

    /// From the upgrade to a login. `None`: there was none, and the socket has been told why.
    async fn admit(&self, upgrading: Upgrading, held: Held, observed: IpAddr) -> Option<(Socket, Newcomer)> {
        let metrics = &self.tracker.metrics;
        let deadline = Instant::now() + LOGIN_DEADLINE;
        let host = upgrading.host.clone();
        let upgraded =
            timeout_at(deadline, upgrading.socket(control_config(), MESSAGE_LEN_MAX_BEFORE_LOGIN, held)).await;
        let mut socket = upgraded.ok()??;
        let entered = tokio::select! {
            entered = self.log_in(&mut socket, &host, observed, deadline) => entered,
            () = self.restart.stop.cancelled() => {
                close(&mut socket, CloseCode::Restart, "the server restarts").await;
                return None;
            }
        };
        match entered {
            Ok(newcomer) => {
                metrics.auth_ok.inc();
                return Some((socket, newcomer));
            }
            Err(NoLogin::Refused(refusal)) => {
                metrics.auth_refused.inc();
                debug!(%refusal, "login refused");
                goodbye(&mut socket, refusal).await;
            }
            Err(NoLogin::Gone) => {}
            Err(NoLogin::TooLate) => {
                metrics.auth_timeout.inc();
                close(&mut socket, CloseCode::Policy, "the login did not come in time").await;
            }
        }
        None
    }

    /// A member's session, and its end.
    async fn converse(&self, mut socket: Socket, newcomer: Newcomer) {
        let _present = self.tracker.metrics.sessions.enter();
        socket.get_mut().open();
        let session = Session::new(self.tracker.clone(), socket, newcomer, self.restart.clone());
        self.end(session).await;
    }

    /// The deadline is the member's: it ends with the signature, and what the tracker then does is its own time.
    async fn log_in(
        &self,
        socket: &mut Socket,
        host: &str,
        observed: IpAddr,
        deadline: Instant,
    ) -> Result<Newcomer, NoLogin> {
        let read =
            timeout_at(deadline, login::read(&self.tracker, socket, (&self.own_origin, &self.front), host)).await;
        let login = read.map_err(|_| NoLogin::TooLate)??;
        // Boxed: what reading the database takes is not held while a login is waited for.
        Ok(Box::pin(login::enter(&self.tracker, login, observed)).await?)
    }

    async fn end(&self, mut session: Session) {
        let end = session.run().await;
        let member = session.member();
        let mut socket = session.into_socket();
        debug!(member = %member.short(), ?end, "session ended");
        match end {
            SessionEnd::Gone => {}
            SessionEnd::SlowConsumer => {
                self.tracker.metrics.slow_consumers.inc();
                close(&mut socket, CloseCode::Again, "too much piled up unread; connect again").await;
            }
            SessionEnd::Groupless => {
                close(
                    &mut socket,
                    CloseCode::Again,
                    "in no group for a while; connect again when you want to join one",
                )
                .await;
            }
            SessionEnd::Refused(refusal) => goodbye(&mut socket, refusal).await,
            SessionEnd::Stop => close(&mut socket, CloseCode::Restart, "the server restarts").await,
        }
    }
}

/// Says why, then closes.
async fn goodbye(socket: &mut Socket, refusal: Refusal) {
    use futures_util::SinkExt;
    let message = encode_from_tracker(&TrackerToMember::Goodbye(refusal));
    let said = async {
        // It may be gone already: then nobody needs to hear it.
        let _ = socket.feed(tokio_tungstenite::tungstenite::Message::binary(message)).await;
        close(socket, CloseCode::Policy, "refused").await;
    };
    let _ = tokio::time::timeout(std::time::Duration::from_secs(2), said).await;
}
