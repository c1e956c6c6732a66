//! A WebSocket to the server: binary, with one subprotocol. Closed when dropped.

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{BinaryType, Event, MessageEvent, WebSocket};

/// What happened to it.
pub(super) enum SocketEvent {
    /// Open.
    Opened,
    /// A binary message, still in the browser's memory.
    Message(Uint8Array),
    /// Closed, by whomever, or could not be opened. The last event.
    Closed,
}

/// The server that the page came from.
#[derive(Clone)]
pub(super) struct Server {
    /// Its origin: `https://share.example`.
    pub(super) origin: String,
    /// The page comes from `trunk serve`, whose proxy names the subprotocols itself.
    pub(super) is_behind_trunk: bool,
}

impl Server {
    /// Opens a WebSocket to a path, at `relay` if that is there (an origin too). `None`: the browser refuses
    /// the address.
    pub(super) fn open(
        &self,
        relay: Option<&str>,
        path: &str,
        subprotocol: &str,
        happened: impl Fn(SocketEvent) + Clone + 'static,
    ) -> Option<Socket> {
        // `http` becomes `ws`, `https` becomes `wss`.
        let url = format!("{}{path}", relay.unwrap_or(&self.origin).replacen("http", "ws", 1));
        // Trunk's proxy never answers with a subprotocol; the one it asks for is in Trunk.toml.
        Socket::open(&url, Some(subprotocol).filter(|_| !self.is_behind_trunk), happened)
    }
}

/// An open or opening WebSocket.
pub(super) struct Socket {
    socket: WebSocket,
    _on_open: Closure<dyn FnMut(Event)>,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_close: Closure<dyn FnMut(Event)>,
}

impl Socket {
    fn open(url: &str, subprotocol: Option<&str>, happened: impl Fn(SocketEvent) + Clone + 'static) -> Option<Self> {
        let socket = match subprotocol {
            Some(subprotocol) => WebSocket::new_with_str(url, subprotocol).ok()?,
            None => WebSocket::new(url).ok()?,
        };
        socket.set_binary_type(BinaryType::Arraybuffer);
        let (opened, closed) = (happened.clone(), happened.clone());
        let on_open = Closure::<dyn FnMut(Event)>::new(move |_| opened(SocketEvent::Opened));
        let on_close = Closure::<dyn FnMut(Event)>::new(move |_| closed(SocketEvent::Closed));
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            // Text messages are none of either protocol's.
            happened(match event.data().dyn_into::<ArrayBuffer>() {
                Ok(buffer) => SocketEvent::Message(Uint8Array::new(&buffer)),
                Err(_) => SocketEvent::Closed,
            });
        });
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        // Every error is followed by a close.
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Some(Self { socket, _on_open: on_open, _on_message: on_message, _on_close: on_close })
    }

    /// Bytes handed over and not yet on the network.
    pub(super) fn buffered(&self) -> usize {
        self.socket.buffered_amount() as usize
    }

    /// Sends one binary message. What a closing socket is given is lost, and its close event follows.
    pub(super) fn send(&self, bytes: &[u8]) {
        let _ = self.socket.send_with_u8_array(bytes);
    }

    /// The same, of bytes in the browser's memory.
    pub(super) fn send_array(&self, bytes: &Uint8Array) {
        let _ = self.socket.send_with_js_u8_array(bytes);
    }

    /// Its close event follows.
    pub(super) fn close(&self) {
        let _ = self.socket.close();
    }
}

impl Drop for Socket {
    /// What was sent before still goes out; nothing more is heard.
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
