use leptos::prelude::*;

use crate::messages::Keeping;
use crate::page::peer::Peer;
use crate::words::words;

/// What it means that the browser keeps nothing.
#[component]
pub(in crate::page) fn Forgetful() -> impl IntoView {
    let is_forgetful = Peer::expect().part(|snapshot| snapshot.keeping == Keeping::Fails);
    view! {
        <Show when=move || is_forgetful.get()>
            <section class="banner notice"><p data-testid="forgetful">{words().screen_forgetful().to_string()}</p></section>
        </Show>
    }
}
