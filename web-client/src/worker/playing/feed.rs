//! One range on its way to a player: what is said on its port.
//!
//! The service worker asks with `true` for more, and gives it up with `false`. It is told the head once, then bytes as often
//! as it asks, `null` at the end, and `false` if there will be no more.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{MessageEvent, MessagePort};

use crate::playing::{FileSpan, Head, MediaAddress, What, to_webvtt};

/// It is closed when dropped.
pub(super) struct Feed {
    port: MessagePort,
    /// Lives as long as the port calls it.
    _asks: Closure<dyn FnMut(MessageEvent)>,
    pub(super) address: MediaAddress,
    /// What is left to read.
    pub(super) span: FileSpan,
    /// More was asked for.
    pub(super) is_hungry: bool,
    /// It is being read.
    pub(super) is_reading: bool,
    /// What is sent once all of it is here.
    subtitles: Option<Vec<u8>>,
}

impl Feed {
    /// Answers with the head. `asks`: whether more is wanted, or it was given up.
    pub(super) fn open(
        port: MessagePort,
        address: MediaAddress,
        span: FileSpan,
        head: &Head,
        mut asks: impl FnMut(bool) + 'static,
    ) -> Self {
        let on_message = move |event: MessageEvent| asks(event.data() == JsValue::TRUE);
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(on_message);
        let listener = on_message.as_ref().unchecked_ref();
        port.set_onmessage(Some(listener));
        // Whoever is stopped says nothing; not every browser tells of it.
        let _ = port.add_event_listener_with_callback("close", listener);
        post_head(&port, head);
        let subtitles = (address.what == What::Subtitles).then(Vec::new);
        Self { port, _asks: on_message, address, span, is_hungry: false, is_reading: false, subtitles }
    }

    /// What was asked for.
    pub(super) fn on_read(&mut self, bytes: &[u8]) {
        self.is_reading = false;
        self.span.on_read(bytes.len() as u32);
        match &mut self.subtitles {
            Some(subtitles) => subtitles.extend_from_slice(bytes),
            None => {
                self.is_hungry = false;
                post_bytes(&self.port, bytes);
            }
        }
    }

    /// Nothing is left.
    pub(super) fn end(&mut self) {
        if let Some(subtitles) = self.subtitles.take() {
            post_bytes(&self.port, to_webvtt(&subtitles).as_bytes());
        }
        let _ = self.port.post_message(&JsValue::NULL);
    }

    /// There will be no more.
    fn fail(&self) {
        let _ = self.port.post_message(&JsValue::FALSE);
    }
}

impl Drop for Feed {
    fn drop(&mut self) {
        // Nothing after an end.
        self.fail();
        self.port.set_onmessage(None);
        let _ = self.port.remove_event_listener_with_callback("close", self._asks.as_ref().unchecked_ref());
        self.port.close();
    }
}

/// There is no such file.
pub(super) fn refuse(port: &MessagePort) {
    post_head(port, &Head::new(404, "text/plain"));
    let _ = port.post_message(&JsValue::NULL);
}

/// As `Response` takes it: the status, and pairs of names and values.
fn post_head(port: &MessagePort, head: &Head) {
    let pair = |(name, value): &(&str, String)| Array::of2(&(*name).into(), &value.as_str().into());
    let headers: Array = head.headers.iter().map(pair).collect();
    let _ = port.post_message(&Array::of2(&head.status.into(), &headers));
}

fn post_bytes(port: &MessagePort, bytes: &[u8]) {
    let bytes = Uint8Array::from(bytes);
    // Fails for what is not transferable; this is.
    let _ = port.post_message_with_transferable(&bytes, &Array::of1(&bytes.buffer()));
}
