//! The connection to the tracker: opened, closed and fed as the conversation says.

use wasm_bindgen_futures::spawn_local;
use wire_protocol::control::SUBPROTOCOL;

use super::clock::Now;
use super::driver::Driver;
use super::server_look;
use super::socket::{Socket, SocketEvent};
use crate::sleep::woken_line;

/// How the tracker is reached.
pub(super) struct Contact {
    socket: Option<Socket>,
    is_open: bool,
    /// Since when there is no connection, milliseconds.
    pub(super) offline_since_ms: Option<u64>,
    /// What was seen last.
    pub(super) reason: Option<String>,
    /// When the next attempt is due, milliseconds.
    pub(super) retry_at_ms: u64,
    pub(super) was_online: bool,
    /// What keeps us from the server, if a look at it has found that.
    pub(super) found: Option<String>,
    is_looking: bool,
    /// The tracker will not have this person.
    pub(super) refused: Option<String>,
}

impl Contact {
    /// Not connected yet.
    pub(super) fn new(now_ms: u64) -> Self {
        Self {
            socket: None,
            is_open: false,
            offline_since_ms: Some(now_ms),
            reason: None,
            retry_at_ms: now_ms,
            was_online: false,
            found: None,
            is_looking: false,
            refused: None,
        }
    }

    pub(super) fn on_online(&mut self) {
        self.offline_since_ms = None;
        self.reason = None;
        self.found = None;
        self.was_online = true;
    }

    pub(super) fn on_offline(&mut self, reason: String, retry_at_ms: u64, now_ms: u64) {
        self.offline_since_ms.get_or_insert(now_ms);
        self.reason = Some(reason);
        self.retry_at_ms = retry_at_ms;
    }
}

impl Driver {
    /// Connects, disconnects, sends, and hears the conversation's events: whether there was one.
    pub(super) fn drive_control(&mut self, now: Now) -> bool {
        if self.conversation.should_disconnect() {
            self.hang_up(now);
        }
        if self.conversation.should_connect(now.ms()) {
            self.connect(now);
        }
        if self.contact.is_open {
            while let Some(message) = self.conversation.poll_message() {
                if let Some(socket) = &self.contact.socket {
                    socket.send(&message);
                }
            }
        }
        let mut has_heard = false;
        while let Some(event) = self.conversation.poll_event() {
            has_heard = true;
            self.on_conversation_event(event, now);
        }
        has_heard
    }

    fn connect(&mut self, now: Now) {
        let handle = self.handle.clone();
        let happened = move |event| handle.run(|driver| driver.on_control_event(event));
        match self.server.open(None, "/control", SUBPROTOCOL, happened) {
            Some(socket) => self.contact.socket = Some(socket),
            None => self.hang_up(now),
        }
    }

    fn hang_up(&mut self, now: Now) {
        self.contact.socket = None;
        self.contact.is_open = false;
        self.conversation.handle_disconnected(now.ms());
    }

    /// The tab was asleep. Its connections are dead, whether they say so or not: the server gave them up, or the browser
    /// closes them now.
    pub(super) fn on_woken(&mut self, slept_ms: u64, now: Now) {
        if let Some(line) = woken_line(slept_ms).filter(|_| !self.swarms.keys().is_empty()) {
            self.notice(line);
        }
        for transfer in self.swarms.transfers_mut() {
            transfer.close_all(now);
        }
        if self.contact.socket.is_some() {
            self.hang_up(now);
        }
        self.conversation.retry_now(now.ms());
    }

    fn on_control_event(&mut self, event: SocketEvent) {
        let now = Now::read();
        match event {
            SocketEvent::Opened => {
                self.contact.is_open = true;
                self.conversation.handle_connected(now.ms());
            }
            SocketEvent::Message(message) => self.conversation.handle_message(&message.to_vec(), now.ms()),
            SocketEvent::Closed => {
                let was_open = self.contact.is_open;
                self.hang_up(now);
                if !was_open && !self.contact.was_online {
                    self.look_at_server();
                }
            }
        }
    }

    /// Browsers say nothing of why a WebSocket does not open.
    fn look_at_server(&mut self) {
        if std::mem::replace(&mut self.contact.is_looking, true) {
            return;
        }
        let (handle, origin) = (self.handle.clone(), self.server.origin.clone());
        spawn_local(async move {
            let found = server_look::find(&origin).await;
            handle.run(move |driver| {
                driver.contact.is_looking = false;
                driver.contact.found = found;
                driver.urgent = true;
            });
        });
    }
}
