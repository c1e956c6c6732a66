//! How the playing goes, as the element tells of it.

use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Event, HtmlMediaElement};
use wire_protocol::ids::FileId;

use super::Source;
use crate::messages::Command;
use crate::page::browser;
use crate::page::peer::{Left, Peer, ToPlay};
use crate::screen::playing::Trouble;

/// What is heard of an element.
const HEARD: [&str; 9] =
    ["loadeddata", "durationchange", "waiting", "seeking", "seeked", "canplay", "playing", "ended", "error"];

/// How the playing goes.
#[derive(Clone, Copy)]
pub(super) struct Course {
    peer: Peer,
    file: FileId,
    index: u32,
    size: u64,
    source: RwSignal<Source>,
    /// When the person pressed Play.
    pressed_ms: f64,
    /// Milliseconds from the press to the first picture.
    pub(super) first_ms: RwSignal<Option<u64>>,
    /// How often it stood still after that, without having been told to go elsewhere.
    pub(super) stalls: RwSignal<u32>,
    /// Where it stands still, seconds; `None`: it does not.
    pub(super) waits_at: RwSignal<Option<f64>>,
    element: StoredValue<Option<HtmlMediaElement>, LocalStorage>,
}

impl Course {
    pub(super) fn new(peer: Peer, file: FileId, index: u32, size: u64, source: RwSignal<Source>) -> Self {
        let (first_ms, stalls, waits_at) = (RwSignal::new(None), RwSignal::new(0), RwSignal::new(Some(0.0)));
        let (pressed_ms, element) = (peer.pressed_ms(), StoredValue::new_local(None));
        Self { peer, file, index, size, source, pressed_ms, first_ms, stalls, waits_at, element }
    }

    /// Listens to an element, puts the keyboard's focus on it, and plays it.
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
        match self.peer.left_player(ToPlay::File(self.file, self.index)) {
            Some(left) => {
                element.set_current_time(left.at);
                if !left.is_paused {
                    play(element);
                }
            }
            None => play(element),
        }
    }

    /// An element that is taken out of the page would go on reading.
    pub(super) fn end(self) {
        if let Some(element) = self.element.try_update_value(Option::take).flatten() {
            let of = ToPlay::File(self.file, self.index);
            if self.peer.to_play().get_untracked() == Some(of) && self.peer.pressed_ms() == self.pressed_ms {
                self.peer.leave_player(Left { of, at: element.current_time(), is_paused: element.paused() });
            }
            let _ = element.remove_attribute("src");
            element.load();
        }
        self.give_up();
    }

    /// Nothing of it is read any more: pieces need not come in the order of the film.
    pub(super) fn give_up(self) {
        self.peer.send(&Command::EndPlaying { file: self.file, is_closed: true });
    }

    fn on_event(self, what: &str, element: &HtmlMediaElement) {
        match what {
            "loadeddata" => {
                let _ = self.first_ms.try_set(Some((browser::now_ms() - self.pressed_ms) as u64));
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
        let (code, added) = element.error().map_or((0, String::new()), |error| (error.code(), error.message()));
        let trouble = Trouble::of(code, &added, element.current_time() > 0.0);
        let _ = self.source.try_set(Source::Trouble(trouble));
    }
}

/// As soon as it can. `autoplay` begins only when the browser believes that it will not have to wait again, which it tells from the
/// whole file and how fast it came so far: on a busy machine that was when nearly all of it was here.
fn play(element: &HtmlMediaElement) {
    if let Ok(begun) = element.play() {
        // Refused: it is left to the person, as the element itself shows.
        spawn_local(async move { drop(JsFuture::from(begun).await) });
    }
}
