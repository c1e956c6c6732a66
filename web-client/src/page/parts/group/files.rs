use leptos::prelude::*;
use wire_protocol::ids::{FileId, GroupId};

use super::confirm::Question;
use super::part;
use crate::messages::{Act, Command, FileView, Place, ShareStage};
use crate::page::parts::download::{browser_copy, save_copy};
use crate::page::parts::sharing::Choosers;
use crate::page::parts::too_big::TooBig;
use crate::page::peer::{Peer, ToPlay};
use crate::playing::Media;
use crate::screen::{acts, files};
use crate::words::words;

/// The group's files, each with a button that fetches it.
#[component]
pub(super) fn Files(
    group: GroupId,
    /// What is asked before a file is removed.
    asked: RwSignal<Option<Question>>,
    /// Of which one a torrent file is offered.
    own_client: RwSignal<Option<FileId>>,
) -> impl IntoView {
    let shown = part(group, |view| view.files.iter().map(|file| file.file).collect::<Vec<_>>());
    view! {
        <section class="card">
            <h2>{words().group_files().to_string()}</h2>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="faint">{words().group_no_file().to_string()}</p>
            </Show>
            <ul class="rows">
                <For
                    each=move || shown.get()
                    key=|file| *file
                    children=move |file| view! { <FileRow group file asked own_client/> }
                />
            </ul>
            <Choosers place=Place::Group(group)/>
        </section>
    }
}

/// One of them. It stays the same element while people come and go, so that a click or the focus is not lost.
#[component]
fn FileRow(
    group: GroupId,
    file: FileId,
    asked: RwSignal<Option<Question>>,
    own_client: RwSignal<Option<FileId>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let card = part(group, move |view| view.files.iter().find(|known| known.file == file).cloned());
    let of = move |of: fn(&FileView) -> String| {
        Memo::new(move |_| card.with(|card| card.as_ref().map(of).unwrap_or_default()))
    };
    let name = of(|card| card.name.clone());
    let is_shared = peer.part(move |snapshot| {
        let mut shares = snapshot.shares.iter();
        shares.any(|share| share.file == file && !matches!(share.stage, ShareStage::Ended { .. }))
    });
    let line = Memo::new(move |_| {
        let line = if is_shared.get() { files::shared_line } else { files::file_line };
        card.with(|card| card.as_ref().map(line).unwrap_or_default())
    });
    let info_hash = Memo::new(move |_| card.with(|card| card.as_ref()?.info_hash.clone()));
    let size = Memo::new(move |_| card.with(|card| card.as_ref().map_or(0, |card| card.size)));
    let is_removable = Memo::new(move |_| card.with(|card| card.as_ref().is_some_and(|card| card.is_removable)));
    let is_fetched = peer.part(move |snapshot| snapshot.downloads.iter().any(|download| download.file == file));
    let is_here = move || is_fetched.get() || is_shared.get();
    let is_to_be_dropped =
        Memo::new(move |_| !is_here() && card.with(|card| card.as_ref().is_some_and(files::is_to_be_dropped)));
    let invite = part(group, |view| view.invite.clone().unwrap_or_else(|| words().group_unknown_invite().to_string()));
    let download = move |plays| {
        peer.send(&Command::Download { group, file, tuning: peer.tuning().get_untracked(), plays });
    };
    let play = move || {
        download(true);
        peer.play(Some(ToPlay::File(file, 0)));
    };
    let is_playable = Memo::new(move |_| Media::of(&name.get()).is_some());
    let remove = move || {
        let question = acts::remove_file(&name.get_untracked());
        asked.set(Some(Question { words: question, mark: None, act: Act::RemoveFile(file) }));
    };
    let copy = browser_copy(peer, file);
    let fits = move || peer.capacity().is_none_or(|capacity| capacity.holds(size.get()));
    let can_fetch = move || fits() && !is_here();
    view! {
        <li class="row" data-testid="file-row" data-name=name data-info-hash=info_hash>
            <div>
                <span class="filename"><bdi>{name}</bdi></span>
                <span class="faint">{line}</span>
                <Show when=move || is_to_be_dropped.get()>
                    <span class="faint" data-testid="drop-again">{words().files_drop_again().to_string()}</span>
                </Show>
                <Show when=move || !fits() && !is_here()>
                    <TooBig name=name.get() size=size.get() invite/>
                </Show>
                <Show when=move || info_hash.with(Option::is_some)>
                    <button
                        class="quiet more"
                        data-testid="own-client"
                        aria-haspopup="dialog"
                        aria-label=move || words().group_own_client_for(name.get()).to_string()
                        on:click=move |_| own_client.set(Some(file))
                    >
                        {words().group_own_client().to_string()}
                    </button>
                </Show>
            </div>
            <div class="actions">
                <Show when=can_fetch>
                    <FileButton
                        testid="download"
                        text=words().group_download().to_string()
                        label=Signal::derive(move || words().group_download_name(name.get()).to_string())
                        press=move |()| download(false)
                    />
                </Show>
                <Show when=move || can_fetch() && is_playable.get()>
                    <FileButton
                        testid="play-now"
                        text=words().group_play().to_string()
                        label=Signal::derive(move || words().group_play_name(name.get()).to_string())
                        press=move |()| play()
                    />
                </Show>
                <Show when=move || copy.with(Option::is_some)>
                    <FileButton
                        testid="save-file"
                        text=words().group_save().to_string()
                        label=Signal::derive(move || words().group_save_name(name.get()).to_string())
                        press=move |()| save_copy(copy)
                    />
                </Show>
                <Show when=move || is_removable.get()>
                    <FileButton
                        testid="remove-file"
                        text=words().group_remove().to_string()
                        label=Signal::derive(move || words().group_remove_name(name.get()).to_string())
                        press=move |()| remove()
                        is_quiet=true
                    />
                </Show>
            </div>
        </li>
    }
}

/// What one can do with a file. Screen readers hear with which.
#[component]
fn FileButton(
    /// `data-testid`.
    testid: &'static str,
    /// What stands on it.
    text: String,
    /// What is heard.
    label: Signal<String>,
    #[prop(into)] press: Callback<()>,
    /// It is there for the rare case.
    #[prop(optional)]
    is_quiet: bool,
) -> impl IntoView {
    view! {
        <button class:quiet=is_quiet data-testid=testid aria-label=label on:click=move |_| press.run(())>{text}</button>
    }
}
