use leptos::prelude::*;
use wire_protocol::ids::FileId;

use crate::format;
use crate::messages::{Command, DownloadView, SaveCommand};
use crate::page::peer::Peer;
use crate::screen::saving;
use crate::words::words;

/// Rows that are shown at once: a folder may have ten thousands of files.
const ROWS: usize = 100;

/// The files of a folder, each with a button that saves it as soon as all of it is here.
#[component]
pub(in crate::page::parts) fn FileList(
    /// The file card.
    file: FileId,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let shown = RwSignal::new(ROWS);
    let is_open = RwSignal::new(false);
    let count = Memo::new(move |_| {
        download.with(|view| view.as_ref().and_then(|view| view.files.as_ref()).map_or(0, |files| files.count))
    });
    let list = peer.files_of(file);
    let rows = move || -> Vec<(u32, String, u64)> {
        let shown = shown.get();
        list.with(|list| {
            let rows = (0..).zip(list.iter().flat_map(|list| &list.files)).take(shown);
            rows.map(|(at, (path, len))| (at, path.clone(), *len)).collect()
        })
    };
    let has_more = move || count.get() as usize > shown.get();
    let toggled = move |_| {
        is_open.update(|is_open| *is_open = !*is_open);
        if list.with_untracked(Option::is_none) {
            peer.send(&Command::Save { file, save: SaveCommand::List });
        }
    };
    view! {
        <details class="advanced" data-testid="files-of" on:toggle=toggled>
            <summary>{move || saving::files_title(count.get())}</summary>
            <Show when=move || is_open.get()>
                <ul class="rows">
                    <For each=rows key=|(at, ..)| *at let((at, path, len))>
                        <Row file at path len download/>
                    </For>
                </ul>
                <Show when=move || has_more()>
                    <button class="quiet" on:click=move |_| shown.update(|shown| *shown += ROWS)>
                        {words().save_more().to_string()}
                    </button>
                </Show>
            </Show>
        </details>
    }
}

#[component]
fn Row(
    /// The file card.
    file: FileId,
    /// Which.
    at: u32,
    path: String,
    len: u64,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let is_ready = Memo::new(move |_| {
        download.with(|view| view.as_ref()?.files.as_ref().map(|files| files.is_ready(at))).unwrap_or_default()
    });
    let (label, name) = (words().save_one_name(&path).to_string(), path.clone());
    view! {
        <li class="row" data-testid="folder-file" data-name=name data-ready=move || is_ready.get().to_string()>
            <div>
                <span class="filename"><bdi>{path}</bdi></span>
                <span class="faint">{format::bytes(len)}</span>
            </div>
            <div class="actions">
                <button
                    data-testid="save-one"
                    aria-label=label
                    disabled=move || !is_ready.get()
                    on:click=move |_| peer.send(&Command::Save { file, save: SaveCommand::One(at) })
                >
                    {words().save_one().to_string()}
                </button>
            </div>
        </li>
    }
}
