//! Commands on their way to the worker.

use js_sys::Array;
use wasm_bindgen::JsValue;
use web_sys::Worker;

/// More than a person presses before a worker is loaded.
const WAITING_MAX: usize = 64;

/// A worker that is not loaded yet hears nothing: what is said before waits here.
pub(super) struct Outbox {
    worker: Option<Worker>,
    /// Messages, each with what is handed over with it; `None`: the worker hears them at once.
    waiting: Option<Vec<(JsValue, Array)>>,
}

impl Outbox {
    /// Nobody listens yet.
    pub(super) fn new() -> Self {
        Self { worker: None, waiting: Some(Vec::new()) }
    }

    /// Who will listen.
    pub(super) fn set_worker(&mut self, worker: Worker) {
        self.worker = Some(worker);
    }

    /// Sends it, or keeps it until [`Outbox::open`].
    pub(super) fn send(&mut self, message: JsValue, handed_over: Array) {
        match &mut self.waiting {
            None => self.post(&message, &handed_over),
            Some(waiting) if waiting.len() < WAITING_MAX => waiting.push((message, handed_over)),
            Some(_) => {}
        }
    }

    /// The worker listens from now on: what has waited, in order.
    pub(super) fn open(&mut self) -> Vec<(JsValue, Array)> {
        self.waiting.take().unwrap_or_default()
    }

    fn post(&self, message: &JsValue, handed_over: &Array) {
        if let Some(worker) = &self.worker {
            // Fails for what cannot be cloned or handed over; bytes, Files, handles and ports can.
            let _ = worker.post_message_with_transfer(message, handed_over);
        }
    }
}
