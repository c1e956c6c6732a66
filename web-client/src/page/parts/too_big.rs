use leptos::prelude::*;

use super::copy_field::CopyField;
use crate::page::peer::Peer;
use crate::screen;

/// S8: this browser cannot hold the file; the command that can fetch it.
#[component]
pub(super) fn TooBig(
    /// The file's name.
    name: String,
    /// Its size, bytes.
    size: u64,
    /// What to run instead.
    command: String,
) -> impl IntoView {
    let peer = Peer::expect();
    let line = move || peer.capacity().map(|capacity| screen::too_big_line(&name, size, &capacity));
    view! {
        <div class="refusal">
            <p data-testid="too-big" role="alert">{line}</p>
            <CopyField label="the command for a terminal" text=command testid="download-command"/>
        </div>
    }
}
