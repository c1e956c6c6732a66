use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::FileId;

use crate::messages::{Command, DownloadView, SaveAs, SaveCommand, Stage};
use crate::page::peer::Peer;
use crate::page::saving::{ask, can_ask};
use crate::screen::saving;

/// The places that this browser can save in.
#[component]
pub(super) fn Places(
    /// The file card.
    file: FileId,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let problem = RwSignal::new(None::<String>);
    let name =
        Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.name.clone()).unwrap_or_default()));
    let is_folder = Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(|view| view.files.is_some())));
    // Before its list of pieces is here nobody knows what it is.
    let is_known = Memo::new(move |_| {
        download.with(|view| {
            view.as_ref().is_some_and(|view| matches!(view.stage, Stage::Fetching { .. } | Stage::Done { .. }))
        })
    });
    let is_early = Memo::new(move |_| {
        download.with(|view| view.as_ref().is_some_and(|view| matches!(view.stage, Stage::Fetching { .. })))
    });
    let save = move |save_as: SaveAs| {
        problem.set(None);
        let command = Command::Save { file, save: SaveCommand::All(save_as) };
        if !can_ask(save_as) {
            return peer.send(&command);
        }
        let name = name.get_untracked();
        spawn_local(async move {
            match ask(save_as, &name).await {
                Ok(place) => peer.send_beside(&command, [&place]),
                Err(error) => problem.set(saving::picker_line(&error)),
            }
        });
    };
    let ways = move || -> Vec<SaveAs> {
        let all = if is_folder.get() { &[SaveAs::Folder, SaveAs::Zip][..] } else { &[SaveAs::File] };
        all.iter().copied().filter(|way| *way == SaveAs::Zip || can_ask(*way)).collect()
    };
    let button = move |way: SaveAs| {
        let label = move || format!("{}: {}", saving::button(way), name.get());
        view! {
            <button
                data-testid=saving::button_id(way)
                class:primary=move || way != SaveAs::File && !is_early.get() && ways().first() == Some(&way)
                aria-label=label
                on:click=move |_| save(way)
            >
                {saving::button(way)}
            </button>
        }
    };
    view! {
        <Show when=move || is_known.get() && !ways().is_empty()>
            <div class="actions">
                <For each=ways key=|way| *way children=button/>
            </div>
            <Show when=move || is_early.get()><p class="faint">{saving::early_line()}</p></Show>
        </Show>
        <Show when=move || problem.with(Option::is_some)>
            <p class="problem" data-testid="error" role="alert">{move || problem.get()}</p>
        </Show>
    }
}
