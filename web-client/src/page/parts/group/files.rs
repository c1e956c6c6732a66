use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::confirm::Question;
use super::part;
use crate::format;
use crate::messages::{Act, Command, FileView};
use crate::page::parts::too_big::TooBig;
use crate::page::peer::Peer;
use crate::screen::acts;

/// The group's files, each with a button that fetches it.
#[component]
pub(super) fn Files(
    group: GroupId,
    /// What is asked before a file is removed.
    asked: RwSignal<Option<Question>>,
) -> impl IntoView {
    let files = part(group, |view| view.files.clone());
    view! {
        <section class="card">
            <h2>"Files"</h2>
            <Show when=move || files.with(Vec::is_empty)>
                <p class="faint">"No file yet. It appears here as soon as somebody shares one."</p>
            </Show>
            <ul class="rows">
                <For
                    each=move || files.get()
                    key=Clone::clone
                    children=move |file| view! { <FileRow group file asked/> }
                />
            </ul>
        </section>
    }
}

/// One of them.
#[component]
fn FileRow(group: GroupId, file: FileView, asked: RwSignal<Option<Question>>) -> impl IntoView {
    let peer = Peer::expect();
    let id = file.file;
    let is_here = peer.part(move |snapshot| snapshot.downloads.iter().any(|download| download.file == id));
    let invite = part(group, |view| view.invite.clone().unwrap_or_else(|| "INVITE".to_owned()));
    let download = move |_| {
        peer.send(&Command::Download { group, file: id, tuning: peer.tuning().get_untracked() });
    };
    let remove = {
        let name = file.name.clone();
        move |_| asked.set(Some(Question { words: acts::remove_file(&name), mark: None, act: Act::RemoveFile(id) }))
    };
    let remove_label = format!("Remove {} from the group", file.name);
    let size = file.size;
    let fits = move || peer.capacity().is_none_or(|capacity| capacity.holds(size));
    let name = StoredValue::new(file.name.clone());
    let line = match (&file.info_hash, file.seeders) {
        (None, _) => format!("{} · being prepared by {}", format::bytes(size), file.added_by),
        (Some(_), 0) => {
            format!("{} · from {} · nobody who has all of it is online", format::bytes(size), file.added_by)
        }
        (Some(_), n) => format!(
            "{} · from {} · {} {} it",
            format::bytes(size),
            file.added_by,
            format::people(n as usize),
            if n == 1 { "has" } else { "have" }
        ),
    };
    view! {
        <li class="row" data-testid="file-row" data-name=file.name.clone() data-info-hash=file.info_hash.clone()>
            <div>
                <span class="filename">{file.name.clone()}</span>
                <span class="faint">{line}</span>
                <Show when=move || !fits()>
                    <TooBig name=name.get_value() size invite/>
                </Show>
            </div>
            <div class="actions">
                <Show when=move || fits() && !is_here.get()>
                    <button data-testid="download" on:click=download>"Download"</button>
                </Show>
                {file.is_removable.then(|| view! {
                    <button class="quiet" data-testid="remove-file" aria-label=remove_label on:click=remove>"Remove …"</button>
                })}
            </div>
        </li>
    }
}
