use leptos::prelude::*;

use crate::page::peer::Peer;
use crate::screen;

/// The line that a screen reader speaks.
#[component]
pub(in crate::page) fn StatusLine() -> impl IntoView {
    let line = Peer::expect().part(screen::status_line);
    view! { <p class="spoken" data-testid="status" role="status" aria-live="polite">{line}</p> }
}
