use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::FileId;

use crate::messages::{Command, DownloadView, SaveAs, SaveCommand, Stage};
use crate::page::peer::Peer;
use crate::page::saving::{ask, can_ask};
use crate::screen::saving;
use crate::words::words;

/// The places that this browser can save in: a button for each, among the others of the download.
#[component]
pub(in crate::page::parts) fn Places(
    /// The file card.
    file: FileId,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
    /// Why the browser did not ask for a place.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let name =
        Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.name.clone()).unwrap_or_default()));
    let is_done = Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(is_done)));
    let is_under_way = Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(saving::is_under_way)));
    let cancel = move |_| peer.send(&Command::Save { file, save: SaveCommand::Cancel });
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
    let ways = Memo::new(move |_| download.with(|view| view.as_ref().map(ways).unwrap_or_default()));
    let button = move |way: SaveAs| {
        view! {
            <button
                data-testid=saving::button_id(way)
                class:primary=move || way != SaveAs::File && is_done.get() && ways.with(|ways| ways.first() == Some(&way))
                aria-label=move || words().links_about(saving::button(way), name.get()).to_string()
                on:click=move |_| save(way)
            >
                {saving::button(way)}
            </button>
        }
    };
    view! {
        <For each=move || ways.get() key=|way| *way children=button/>
        <Show when=move || is_under_way.get()>
            <button data-testid="cancel-saving" on:click=cancel>{words().save_cancel().to_string()}</button>
        </Show>
    }
}

/// What is said below these buttons.
#[component]
pub(in crate::page::parts) fn PlacesLine(
    /// What is shown.
    download: Memo<Option<DownloadView>>,
    /// Why the browser did not ask for a place.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let is_early = Memo::new(move |_| {
        download.with(|view| view.as_ref().is_some_and(|view| !ways(view).is_empty() && !is_done(view)))
    });
    view! {
        <Show when=move || is_early.get()><p class="faint">{words().saving_early().to_string()}</p></Show>
        <Show when=move || problem.with(Option::is_some)>
            <p class="problem" data-testid="error" role="alert">{move || problem.get()}</p>
        </Show>
    }
}

fn is_done(download: &DownloadView) -> bool {
    matches!(download.stage, Stage::Done { .. })
}

/// None before its list of pieces is here: nobody knows what it is; none while it is being saved.
fn ways(download: &DownloadView) -> Vec<SaveAs> {
    let is_known = matches!(download.stage, Stage::Fetching { .. } | Stage::Done { .. });
    let all = match (is_known && !saving::is_under_way(download), &download.files) {
        (false, _) => &[][..],
        (true, Some(_)) => &[SaveAs::Folder, SaveAs::Zip],
        (true, None) => &[SaveAs::File],
    };
    all.iter().copied().filter(|way| *way == SaveAs::Zip || can_ask(*way)).collect()
}
