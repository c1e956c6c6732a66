use leptos::prelude::*;
use wire_protocol::ids::FileId;

use crate::messages::{DownloadView, Playable};
use crate::page::peer::{Peer, ToPlay};
use crate::words::words;

/// One button for a film, a list for a folder of them.
#[component]
pub(in crate::page::parts) fn PlayButton(
    /// The file card.
    file: FileId,
    playable: Playable,
) -> impl IntoView {
    let peer = Peer::expect();
    let Playable { index, name, .. } = playable;
    view! {
        <button
            data-testid="play"
            data-name=name.clone()
            aria-label=words().player_play_name(name).to_string()
            on:click=move |_| peer.play(Some(ToPlay::File(file, index)))
        >
            {words().player_play().to_string()}
        </button>
    }
}

/// What a folder has to play.
#[component]
pub(in crate::page::parts) fn PlayList(
    /// The file card.
    file: FileId,
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let all = Memo::new(move |_| {
        let all = download.with(|view| view.as_ref().map(|view| view.playable.clone()).unwrap_or_default());
        if all.len() > 1 { all } else { Vec::new() }
    });
    view! {
        <Show when=move || !all.with(Vec::is_empty)>
            <details class="advanced" data-testid="play-list">
                <summary>{words().player_parts().to_string()}</summary>
                <ul class="rows">
                    <For each=move || all.get() key=Clone::clone let(playable)><PlayRow file playable/></For>
                </ul>
            </details>
        </Show>
    }
}

/// One of them.
#[component]
fn PlayRow(
    /// The file card.
    file: FileId,
    playable: Playable,
) -> impl IntoView {
    let name = playable.name.clone();
    view! {
        <li class="row">
            <span class="filename"><bdi>{name}</bdi></span>
            <PlayButton file playable/>
        </li>
    }
}
