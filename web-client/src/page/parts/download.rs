use leptos::prelude::*;
use wire_protocol::ids::FileId;

use super::advanced::Advanced;
use super::figures::FiguresLine;
use super::notify_me::NotifyMe;
use super::peers::Peers;
use super::piece_map::PieceMap;
use super::player::{PlayButton, PlayList, Player};
use super::progress::Progress;
use super::saving::{FileList, Places, PlacesLine, Saving};
use crate::messages::{Command, DownloadView, Stage};
use crate::page::browser;
use crate::page::peer::{Peer, ToPlay};
use crate::screen::{self, DownloadState, saving, storing};
use crate::words::words;

/// S5, S6 and S9: one file on its way, and after that.
#[component]
pub(super) fn Download(
    /// The file card.
    file: FileId,
) -> impl IntoView {
    let peer = Peer::expect();
    let download = peer.part(move |snapshot| snapshot.downloads.iter().find(|view| view.file == file).cloned());
    let part = move |of: fn(&DownloadView) -> String| {
        Memo::new(move |_| download.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let state = Memo::new(move |_| download.with(|view| view.as_ref().map(DownloadState::of)));
    let is = move |wanted| state.get() == Some(wanted);
    let line = part(screen::download_line);
    let place = Memo::new(move |_| download.with(|view| view.as_ref().and_then(storing::place_line)));
    let title = part(|view| match DownloadState::of(view) {
        DownloadState::Done => format!("✔ {}", view.name),
        _ => view.name.clone(),
    });
    let verified = part(|view| words().download_verified(view.figures.pieces_have, view.figures.pieces).to_string());
    let percent = Memo::new(move |_| download.with(|view| view.as_ref().map_or(0, screen::progress)));
    let tuning = Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.tuning).unwrap_or_default()));
    let tune = move |tuning| {
        peer.send(&Command::Tune { file, tuning });
        peer.remember_tuning(tuning);
    };
    let finished = part(|view| saving::finished_line(view).unwrap_or_default());
    let have = part(|view| view.figures.bytes_have.to_string());
    let is_folder = Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(|view| view.files.is_some())));
    let problem = RwSignal::new(None);
    view! {
        <section class="card download" data-testid="download-card" data-state=move || state.get().map(DownloadState::as_str)>
            <div class="title">
                <h2 class="filename"><bdi>{title}</bdi></h2>
                <Show when=move || !is(DownloadState::Done)><span class="percent">{percent} " %"</span></Show>
            </div>
            <Player file download/>
            <Progress label=words().download_here().to_string() testid="progress" percent attr:data-have-bytes=have/>
            <Show when=move || is(DownloadState::Done)>
                <p data-testid="verified">{verified}</p>
                <p class="faint" data-testid="save-line">{finished}</p>
            </Show>
            <p
                class="line"
                data-testid=move || if is(DownloadState::Failed) { "error" } else { "download-line" }
                class:problem=move || is(DownloadState::Failed)
                class:waiting=move || is(DownloadState::Waiting)
            >
                {line}
            </p>
            <FiguresLine download/>
            <Show when=move || place.with(Option::is_some)>
                <p class="faint" data-testid="place-line">{move || place.get()}</p>
            </Show>
            <Saving download/>
            <Actions file download problem/>
            <PlacesLine download problem/>
            <Show when=move || is_folder.get() && !is(DownloadState::Failed)>
                <FileList file download/>
            </Show>
            <PlayList file download/>
            <Show when=move || !is(DownloadState::Failed)>
                <Advanced tuning choose=tune is_complete=Signal::derive(move || is(DownloadState::Done))/>
            </Show>
            <PieceMap download/>
            <Peers download/>
        </section>
    }
}

/// What one can do with it.
#[component]
fn Actions(
    /// The file card.
    file: FileId,
    /// What is shown.
    download: Memo<Option<DownloadView>>,
    /// Why the browser did not ask for a place.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let saved = browser_copy(peer, file);
    let save = move |_| save_copy(saved);
    let name =
        Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.name.clone()).unwrap_or_default()));
    let is_on_its_way = Memo::new(move |_| {
        let state = download.with(|view| view.as_ref().map(DownloadState::of));
        state.is_some_and(|state| !matches!(state, DownloadState::Done | DownloadState::Failed))
    });
    let is_done = Memo::new(move |_| {
        download.with(|view| view.as_ref().is_some_and(|view| matches!(view.stage, Stage::Done { .. })))
    });
    let stop = move || if is_done.get() { words().download_stop() } else { words().download_cancel() }.to_string();
    let only = Memo::new(move |_| {
        let is_open = matches!(peer.to_play().get(), Some(ToPlay::File(open, _)) if open == file);
        download.with(|view| match view.as_ref()?.playable.as_slice() {
            [only] if !is_open => Some(only.clone()),
            _ => None,
        })
    });
    view! {
        <div class="actions">
            {move || only.get().map(|playable| view! { <PlayButton file playable/> })}
            <Show when=move || saved.with(Option::is_some)>
                <button
                    class="primary"
                    data-testid="save"
                    aria-label=move || words().download_save_name(name.get()).to_string()
                    on:click=save
                >
                    {words().download_save().to_string()}
                </button>
            </Show>
            <Places file download problem/>
            <Show when=move || is_on_its_way.get()>
                <NotifyMe label=words().download_notify().to_string()/>
            </Show>
            <button
                data-testid="stop"
                aria-label=move || words().links_about(stop(), name.get()).to_string()
                on:click=move |_| peer.send(&Command::Stop { file })
            >
                {stop}
            </button>
        </div>
    }
}

/// Where the browser has a finished file, and what it is called.
pub(super) fn browser_copy(peer: Peer, file: FileId) -> Memo<Option<(String, String)>> {
    peer.part(move |snapshot| {
        let download = snapshot.downloads.iter().find(|download| download.file == file)?;
        match &download.stage {
            // A folder is saved in ways of its own.
            Stage::Done { url } if download.files.is_none() => Some((url.clone(), download.name.clone())),
            _ => None,
        }
    })
}

/// Hands it to the browser's own downloads.
pub(super) fn save_copy(copy: Memo<Option<(String, String)>>) {
    if let Some((url, name)) = copy.get_untracked() {
        browser::save(&url, &name);
    }
}
