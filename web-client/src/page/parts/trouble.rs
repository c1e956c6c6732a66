use leptos::prelude::*;

use crate::messages::{Command, Connection};
use crate::page::peer::Peer;
use crate::screen;
use crate::words::words;

/// What is wrong with the connection to the server, and a way to try again now.
#[component]
pub(in crate::page) fn Trouble() -> impl IntoView {
    let peer = Peer::expect();
    let line = peer.part(|snapshot| screen::connection_trouble(&snapshot.connection));
    let has_kept = peer.part(screen::has_kept);
    let can_retry = peer.part(|snapshot| matches!(snapshot.connection, Connection::Trouble { .. }));
    let retry_in = peer.part(|snapshot| match snapshot.connection {
        Connection::Trouble { retry_in_ms, .. } if retry_in_ms >= 1000 => {
            words().app_retry_in(retry_in_ms / 1000).to_string()
        }
        _ => String::new(),
    });
    view! {
        <Show when=move || line.with(Option::is_some)>
            <section class="banner trouble" data-testid="error" data-leg="server">
                <p>{move || line.get()}</p>
                <Show when=move || has_kept.get()>
                    <p data-testid="offline">{words().screen_offline().to_string()}</p>
                </Show>
                <Show when=move || can_retry.get()>
                    <button data-testid="retry" on:click=move |_| peer.send(&Command::Retry)>
                        {words().app_retry().to_string()} " " <span class="faint">{retry_in}</span>
                    </button>
                </Show>
            </section>
        </Show>
    }
}
