use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::messages::{Command, SharedView};
use crate::page::peer::Peer;
use crate::screen::sharing;
use crate::words::words;

/// What this person shared in a group at an earlier visit, to go on with.
#[component]
pub(in crate::page) fn SharedAgain(group: GroupId) -> impl IntoView {
    let shared = Peer::expect().part(move |snapshot| {
        let here = snapshot.shared_before.iter().filter(|shared| shared.group == group);
        here.cloned().collect::<Vec<_>>()
    });
    view! {
        <Show when=move || !shared.with(Vec::is_empty)>
            <section class="card" data-testid="shared-before">
                <h2>{words().share_before().to_string()}</h2>
                <ul class="rows">
                    <For each=move || shared.get() key=Clone::clone let(shared)>
                        <Row shared/>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

#[component]
fn Row(shared: SharedView) -> impl IntoView {
    let peer = Peer::expect();
    let torrent = shared.torrent;
    let (line, ask) = (sharing::again_line(&shared), sharing::ask_button(&shared));
    let forget = words().share_forget_name(&shared.name).to_string();
    let name = shared.name.clone();
    let not_read = peer.not_read(torrent);
    let problem = move || not_read.get().map(|why| sharing::not_read_line(&name, &why));
    view! {
        <li class="row" data-testid="shared-before-row" data-name=shared.name>
            <div>
                <span>{line}</span>
                <Show when=move || not_read.with(Option::is_some)>
                    <span class="problem" data-testid="error" role="alert">{problem.clone()}</span>
                </Show>
            </div>
            <div class="actions">
                {shared.has_handle.then(|| view! {
                    <button
                        class="primary"
                        data-testid="allow-access"
                        on:click=move |_| peer.send(&Command::AskForShared { torrent })
                    >
                        {ask}
                    </button>
                })}
                <button
                    class="quiet"
                    data-testid="forget-shared"
                    aria-label=forget
                    on:click=move |_| peer.send(&Command::ForgetShared { torrent })
                >
                    {words().share_forget().to_string()}
                </button>
            </div>
        </li>
    }
}
