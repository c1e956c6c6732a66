use leptos::prelude::*;

use crate::page::peer::Peer;
use crate::screen;

/// A group was asked for by its address, and the server has not told yet whether this person is in it.
#[component]
pub(in crate::page) fn Opening() -> impl IntoView {
    let is_stuck = Peer::expect().part(|snapshot| screen::connection_trouble(&snapshot.connection).is_some());
    view! {
        <section class="card hero" aria-busy="true">
            <h1 class="lead">
                {move || if is_stuck.get() { "This group cannot be looked up now." } else { "Opening the group …" }}
            </h1>
        </section>
    }
}
