use leptos::prelude::*;

use super::terminal_way::TerminalWay;
use crate::page::peer::Peer;
use crate::screen;

/// This browser cannot hold the file; the command that can fetch it.
#[component]
pub(super) fn TooBig(
    /// The file's name.
    name: String,
    /// Its size, bytes.
    size: u64,
    /// The whole link.
    #[prop(into)]
    invite: Signal<String>,
) -> impl IntoView {
    let peer = Peer::expect();
    let line = move || peer.capacity().map(|capacity| screen::too_big_line(&name, size, &capacity));
    view! {
        <div class="refusal">
            <p data-testid="too-big" role="alert">{line}</p>
            <TerminalWay invite/>
        </div>
    }
}
