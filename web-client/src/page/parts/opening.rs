use leptos::prelude::*;

use crate::page::peer::Peer;
use crate::screen;
use crate::words::words;

/// A group was asked for by its address, and the server has not told yet whether this person is in it.
#[component]
pub(in crate::page) fn Opening() -> impl IntoView {
    let is_stuck = Peer::expect().part(|snapshot| screen::connection_trouble(&snapshot.connection).is_some());
    let line =
        move || if is_stuck.get() { words().landing_opening_stuck() } else { words().landing_opening() }.to_string();
    view! {
        <section class="card hero" aria-busy="true">
            <h1 class="lead">{line}</h1>
        </section>
    }
}
