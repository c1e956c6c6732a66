use leptos::prelude::*;

use super::identity::You;
use crate::messages::Command;
use crate::page::bar::{self, Entry};
use crate::page::browser;
use crate::page::peer::Peer;
use crate::words::words;

/// Paints the page dark or light from now on, as the system turns, or as the person chooses: whether it is dark.
pub(in crate::page) fn paint() -> RwSignal<bool> {
    let dark = RwSignal::new(browser::is_dark());
    Effect::new(move |_| browser::show_theme(dark.get()));
    browser::on_scheme(move |is_dark| dark.set(is_dark));
    dark
}

/// Where one is, who one is, and light or dark.
#[component]
pub(in crate::page) fn Header(
    /// The page is dark.
    dark: RwSignal<bool>,
) -> impl IntoView {
    let peer = Peer::expect();
    let toggle = move |_| {
        dark.update(|dark| *dark = !*dark);
        browser::remember_theme(dark.get_untracked());
    };
    let go_home = move |_| {
        bar::show_home(Entry::Next);
        peer.send(&Command::ShowHome);
    };
    view! {
        <header>
            <button class="brand" data-testid="home" on:click=go_home title=words().app_home().to_string()>
                <svg viewBox="0 0 32 32" aria-hidden="true">
                    <path d="M16 8 7 23h18z"/>
                    <circle cx="16" cy="8" r="5"/>
                    <circle cx="7" cy="23" r="5"/>
                    <circle cx="25" cy="23" r="5"/>
                </svg>
                "Covey"
            </button>
            <You/>
            <button
                class="icon"
                on:click=toggle
                aria-label=move || if dark.get() { words().app_light() } else { words().app_dark() }.to_string()
            >
                {move || if dark.get() { "☀" } else { "☾" }}
            </button>
        </header>
    }
}
