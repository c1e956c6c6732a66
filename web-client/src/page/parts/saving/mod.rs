//! Saving a download where the person wants it, one component to a file.

mod file_list;
mod places;

use leptos::prelude::*;
use wire_protocol::ids::FileId;

use crate::messages::{Command, DownloadView, SaveCommand, SavingStep, Stage};
use crate::page::peer::Peer;
use crate::screen::saving;
use file_list::FileList;
use places::Places;

/// Where it may be saved, how far that is, and the files of a folder.
#[component]
pub(super) fn Saving(
    /// The file card.
    file: FileId,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let of = move |of: fn(&DownloadView) -> Option<String>| {
        Memo::new(move |_| download.with(|view| view.as_ref().and_then(of)))
    };
    let line = of(saving::line);
    let percent = Memo::new(move |_| download.with(|view| view.as_ref().and_then(saving::percent)));
    let is =
        move |of: fn(&DownloadView) -> bool| Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(of)));
    let is_under_way = is(saving::is_under_way);
    let has_failed =
        is(|view| view.saving.as_ref().is_some_and(|saving| matches!(saving.step, SavingStep::Failed { .. })));
    let is_alive = is(|view| !matches!(view.stage, Stage::Failed { .. }));
    let is_folder = is(|view| view.files.is_some());
    let state = of(saving::state);
    view! {
        <Show when=move || line.with(Option::is_some)>
            <p
                class="line"
                data-testid="saving-line"
                data-saving=state
                aria-live="polite"
                class:problem=move || has_failed.get()
            >
                {move || line.get()}
            </p>
        </Show>
        <Show when=move || percent.get().is_some()>
            <div
                class="bar"
                role="progressbar"
                data-testid="saving-progress"
                aria-label="Saved"
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=percent
            >
                <div class="fill" style:width=move || format!("{}%", percent.get().unwrap_or(0))></div>
            </div>
        </Show>
        <Show when=move || is_under_way.get()>
            <div class="actions">
                <button
                    data-testid="cancel-saving"
                    on:click=move |_| peer.send(&Command::Save { file, save: SaveCommand::Cancel })
                >
                    "Do not save it there"
                </button>
            </div>
        </Show>
        <Show when=move || is_alive.get() && !is_under_way.get()>
            <Places file download/>
        </Show>
        <Show when=move || is_alive.get() && is_folder.get()>
            <FileList file download/>
        </Show>
    }
}
