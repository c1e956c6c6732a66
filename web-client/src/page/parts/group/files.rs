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
            <h2>"Files"</h2>
            <Show when=move || shown.with(Vec::is_empty)>
                <p class="faint">"No file yet. Drop some anywhere on this page, or choose them."</p>
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
    let invite = part(group, |view| view.invite.clone().unwrap_or_else(|| "INVITE".to_owned()));
    let download = move |plays| {
        peer.send(&Command::Download { group, file, tuning: peer.tuning().get_untracked(), plays });
    };
    let play = move |_| {
        download(true);
        peer.play(Some(ToPlay::File(file, 0)));
    };
    let is_playable = Memo::new(move |_| Media::of(&name.get()).is_some());
    let remove = move |_| {
        let words = acts::remove_file(&name.get_untracked());
        asked.set(Some(Question { words, mark: None, act: Act::RemoveFile(file) }));
    };
    let copy = browser_copy(peer, file);
    let fits = move || peer.capacity().is_none_or(|capacity| capacity.holds(size.get()));
    view! {
        <li class="row" data-testid="file-row" data-name=name data-info-hash=info_hash>
            <div>
                <span class="filename">{name}</span>
                <span class="faint">{line}</span>
                <Show when=move || is_to_be_dropped.get()>
                    <span class="faint" data-testid="drop-again">{files::drop_again_line()}</span>
                </Show>
                <Show when=move || !fits() && !is_here()>
                    <TooBig name=name.get() size=size.get() invite/>
                </Show>
                <Show when=move || info_hash.with(Option::is_some)>
                    <button
                        class="quiet more"
                        data-testid="own-client"
                        aria-haspopup="dialog"
                        aria-label=move || format!("Use my own BitTorrent client for {}", name.get())
                        on:click=move |_| own_client.set(Some(file))
                    >
                        "Use my own BitTorrent client …"
                    </button>
                </Show>
            </div>
            <div class="actions">
                <Show when=move || fits() && !is_here()>
                    <button
                        data-testid="download"
                        aria-label=move || format!("Download {}", name.get())
                        on:click=move |_| download(false)
                    >
                        "Download"
                    </button>
                </Show>
                <Show when=move || fits() && !is_here() && is_playable.get()>
                    <button
                        data-testid="play-now"
                        aria-label=move || format!("Download and play {}", name.get())
                        on:click=play
                    >
                        "▶ Play now"
                    </button>
                </Show>
                <Show when=move || copy.with(Option::is_some)>
                    <button
                        data-testid="save-file"
                        aria-label=move || format!("Save {}", name.get())
                        on:click=move |_| save_copy(copy)
                    >
                        "Save"
                    </button>
                </Show>
                <Show when=move || is_removable.get()>
                    <button
                        class="quiet"
                        data-testid="remove-file"
                        aria-label=move || format!("Remove {} from the group", name.get())
                        on:click=remove
                    >
                        "Remove …"
                    </button>
                </Show>
            </div>
        </li>
    }
}
