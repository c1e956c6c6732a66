use leptos::prelude::*;

use crate::messages::Command;
use crate::page::peer::Peer;
use crate::words::words;

/// What happened that the person should know: a peer that sent damaged data, a group that is gone.
#[component]
pub(in crate::page) fn Notices() -> impl IntoView {
    let peer = Peer::expect();
    let notices = peer.part(|snapshot| snapshot.notices.clone());
    view! {
        // The region is there before its first line, so that screen readers speak that one too.
        <div class="notices" role="log" aria-live="polite">
            <For
                each=move || notices.get()
                key=|notice| notice.id
                children=move |notice| view! {
                    <div class="banner notice">
                        <p data-testid="notice">{notice.text}</p>
                        <button
                            class="quiet"
                            data-testid="dismiss"
                            aria-label=words().app_dismiss().to_string()
                            on:click=move |_| peer.send(&Command::Dismiss(notice.id))
                        >
                            "✕"
                        </button>
                    </div>
                }
            />
        </div>
    }
}
