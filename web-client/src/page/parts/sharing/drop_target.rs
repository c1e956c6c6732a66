use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;

use crate::page::peer::Peer;
use crate::page::picking::{self, Drag};
use crate::screen::sharing;

/// The whole window takes what is dropped on it, and says so while something is dragged over it.
#[component]
pub(in crate::page) fn DropTarget() -> impl IntoView {
    let peer = Peer::expect();
    let is_over = RwSignal::new(false);
    let place = peer.part(sharing::place);
    picking::on_drag(move |drag| match drag {
        Drag::Over => is_over.set(true),
        Drag::Away => is_over.set(false),
        Drag::Dropped(transfer) => {
            is_over.set(false);
            if let Some(place) = place.get_untracked() {
                let dropped = picking::dropped(&transfer);
                spawn_local(async move { peer.share(place, dropped.await) });
            }
        }
    });
    let line = peer.part(sharing::drop_line);
    view! {
        <Show when=move || is_over.get()>
            <div class="drop" data-testid="drop" class:no=move || place.get().is_none()>
                <p>{line}</p>
            </div>
        </Show>
    }
}
