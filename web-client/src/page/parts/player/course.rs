//! How the playing goes, as the element tells of it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{Event, HtmlMediaElement};
use wire_protocol::ids::FileId;

use super::Source;
use crate::messages::Command;
use crate::page::browser;
use crate::page::peer::Peer;
use crate::screen::playing::Trouble;

/// What is heard of an element.
const HEARD: [&str; 9] =
    ["loadeddata", "durationchange", "waiting", "seeking", "seeked", "canplay", "playing", "ended", "error"];

/// How the playing goes.
#[derive(Clone, Copy)]
pub(super) struct Course {
    peer: Peer,
    file: FileId,
    size: u64,
    source: RwSignal<Source>,
    began_ms: f64,
    /// Milliseconds from the press to the first picture.
    pub(super) first_ms: RwSignal<Option<u64>>,
    /// How often it stood still after that, without having been told to go elsewhere.
    pub(super) stalls: RwSignal<u32>,
    /// Where it stands still, seconds; `None`: it does not.
    pub(super) waits_at: RwSignal<Option<f64>>,
    element: StoredValue<Option<HtmlMediaElement>, LocalStorage>,
}

impl Course {
    pub(super) fn new(peer: Peer, file: FileId, size: u64, source: RwSignal<Source>) -> Self {
        let (first_ms, stalls, waits_at) = (RwSignal::new(None), RwSignal::new(0), RwSignal::new(Some(0.0)));
        let (began_ms, element) = (browser::now_ms(), StoredValue::new_local(None));
        Self { peer, file, size, source, began_ms, first_ms, stalls, waits_at, element }
    }

    /// Listens to an element, and puts the keyboard's focus on it.
    pub(super) fn watch(self, element: &HtmlMediaElement) {
        let heard = Closure::<dyn FnMut(Event)>::new(move |event: Event| {
            if let Some(element) = event.target().and_then(|target| target.dyn_into().ok()) {
                self.on_event(&event.type_(), &element);
            }
        });
        // It lives as long as the element.
        let heard = heard.into_js_value().unchecked_into();
        for what in HEARD {
            let _ = element.add_event_listener_with_callback(what, &heard);
        }
        self.element.set_value(Some(element.clone()));
        let _ = element.focus();
    }

    /// An element that is taken out of the page would go on reading.
    pub(super) fn end(self) {
        if let Some(element) = self.element.try_update_value(Option::take).flatten() {
            let _ = element.remove_attribute("src");
            element.load();
        }
        self.peer.send(&Command::EndPlaying { file: self.file, is_closed: true });
    }

    fn on_event(self, what: &str, element: &HtmlMediaElement) {
        match what {
            "loadeddata" => {
                let _ = self.first_ms.try_set(Some((browser::now_ms() - self.began_ms) as u64));
            }
            // Of what has no end it is infinite.
            "durationchange" if element.duration().is_normal() => {
                let bytes_per_second = (self.size as f64 / element.duration()) as u64;
                self.peer.send(&Command::Plays { file: self.file, bytes_per_second });
            }
            "waiting" | "seeking" => {
                let has_played = self.first_ms.try_get_untracked().flatten().is_some();
                if has_played && what == "waiting" && !element.seeking() {
                    let _ = self.stalls.try_update(|stalls| *stalls += 1);
                }
                let _ = self.waits_at.try_set(Some(element.current_time()));
            }
            // Browsers may leave it to the person to begin it.
            "playing" | "seeked" | "canplay" => {
                let _ = self.waits_at.try_set(None);
            }
            "ended" => self.peer.send(&Command::EndPlaying { file: self.file, is_closed: false }),
            "error" => self.on_error(element),
            _ => {}
        }
    }

    fn on_error(self, element: &HtmlMediaElement) {
        let code = element.error().map_or(0, |error| error.code());
        let trouble = Trouble::of(code, element.current_time() > 0.0);
        let _ = self.source.try_set(Source::Trouble(trouble));
        self.peer.send(&Command::EndPlaying { file: self.file, is_closed: true });
    }
}
