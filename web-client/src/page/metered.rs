//! Whether giving costs the person something, as far as the browser tells.

use js_sys::{Function, Reflect};
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};

use super::browser;
use super::peer::Peer;
use crate::messages::Command;
use crate::screen::metered::Metered;

/// Why this tab gives nothing to the others, until the person lets it.
#[derive(Clone, Copy)]
pub(crate) struct Giving {
    metered: RwSignal<Metered>,
    is_agreed: RwSignal<bool>,
}

impl Giving {
    /// Looks at the connection from now on, and tells the worker.
    pub(super) fn watch(peer: Peer) -> Self {
        let giving = Self { metered: RwSignal::new(look()), is_agreed: RwSignal::new(false) };
        on_changed(move || giving.metered.set(look()));
        let gives = Memo::new(move |_| !giving.is_held());
        Effect::new(move |told: Option<bool>| {
            // Before that the worker does not listen.
            if peer.capacity().is_none() {
                return true;
            }
            let gives = gives.get();
            if told.unwrap_or(true) != gives {
                peer.send(&Command::ServeDownloads(gives));
            }
            gives
        });
        giving
    }

    /// The others get nothing.
    fn is_held(self) -> bool {
        self.metered.with(Metered::costs) && !self.is_agreed.get()
    }

    /// Why they do not; `None`: it gives.
    pub(crate) fn why(self, is_downloading: bool) -> Option<String> {
        self.metered.with(|metered| metered.why(is_downloading)).filter(|_| self.is_held())
    }

    /// The person lets it, as long as the tab is open.
    pub(crate) fn agree(self) {
        self.is_agreed.set(true);
    }
}

fn look() -> Metered {
    let part = |name: &str| Reflect::get(&browser::navigator_part("connection")?, &JsValue::from_str(name)).ok();
    Metered {
        saves_data: part("saveData").is_some_and(|saves| saves.is_truthy()),
        kind: part("type").and_then(|kind| kind.as_string()),
    }
}

fn on_changed(changed: impl Fn() + 'static) {
    let Some(connection) = browser::navigator_part("connection") else {
        return;
    };
    let listen = Reflect::get(&connection, &"addEventListener".into()).and_then(JsCast::dyn_into::<Function>);
    if let Ok(listen) = listen {
        let changed = Closure::<dyn Fn()>::new(changed);
        let _ = listen.call2(&connection, &"change".into(), changed.as_ref());
        // Lives as long as the page.
        changed.forget();
    }
}
