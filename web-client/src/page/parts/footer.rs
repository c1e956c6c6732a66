use leptos::prelude::*;

use crate::page::peer::Peer;
use crate::words::{Language, words};

/// What this is, and in which language.
#[component]
pub(in crate::page) fn Footer() -> impl IntoView {
    let language = Peer::expect().language();
    // It stays where it is when the language changes, so that the focus does.
    let said = move |of: fn() -> String| {
        language.track();
        of()
    };
    view! {
        <footer>
            <p>{move || said(|| words().app_promise().to_string())}</p>
            <div class="languages" role="group" aria-label=move || said(|| words().app_language().to_string())>
                {Language::ALL.map(|one| view! { <LanguageButton one/> }).collect_view()}
            </div>
        </footer>
    }
}

/// One language, as its own speakers call it.
#[component]
fn LanguageButton(one: Language) -> impl IntoView {
    let peer = Peer::expect();
    let is_spoken = move || peer.language().get() == one;
    view! {
        <button
            class="quiet"
            lang=one.tag()
            data-testid=format!("language-{}", one.tag())
            aria-pressed=move || is_spoken().to_string()
            on:click=move |_| peer.speak(one)
        >
            {one.name()}
        </button>
    }
}
