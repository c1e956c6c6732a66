use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::messages::{Command, LandingState, Snapshot, StoredView};
use crate::page::peer::Peer;
use crate::screen::storing;
use crate::words::words;

/// Of which groups.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::page) enum StoredOf {
    All,
    Group(GroupId),
    /// The one whose invite is in front.
    Invite,
}

impl StoredOf {
    fn has(self, group: GroupId, snapshot: &Snapshot) -> bool {
        match self {
            Self::All => true,
            Self::Group(this) => this == group,
            Self::Invite => match snapshot.landing.as_ref().map(|landing| &landing.state) {
                Some(LandingState::Offer(offer) | LandingState::Joining(offer)) => offer.id == Some(group),
                _ => false,
            },
        }
    }
}

/// S7: what earlier visits began, to go on with or to remove.
#[component]
pub(in crate::page) fn Stored(of: StoredOf) -> impl IntoView {
    let stored = Peer::expect().part(move |snapshot| {
        let shown = snapshot.stored.iter().filter(|stored| of.has(stored.group, snapshot));
        shown.cloned().collect::<Vec<_>>()
    });
    view! {
        <Show when=move || !stored.with(Vec::is_empty)>
            <section class="card" data-testid="stored">
                <h2>{words().stored_title().to_string()}</h2>
                <ul class="rows">
                    <For each=move || stored.get() key=Clone::clone let(stored)>
                        <StoredRow stored/>
                    </For>
                </ul>
            </section>
        </Show>
    }
}

/// One file.
#[component]
fn StoredRow(stored: StoredView) -> impl IntoView {
    let peer = Peer::expect();
    let StoredView { group, file, torrent, is_elsewhere, .. } = stored;
    let is_whole = stored.have >= stored.size;
    let (line, room, verb) = (storing::stored_line(&stored), storing::room_line(&stored), storing::go_on_verb(&stored));
    let name = stored.name;
    let open_label = words().stored_open_name(&name).to_string();
    let go_on_label = words().links_about(&verb, &name).to_string();
    let remove_label = words().stored_remove_name(&name).to_string();
    let slug = peer.part(move |snapshot| {
        let known = snapshot.group(group)?;
        known.files.iter().any(|card| card.file == file).then(|| known.slug.clone())
    });
    let is_synced = peer.part(|snapshot| snapshot.is_synced);
    let go_on = move |_| {
        if let Some(slug) = slug.get_untracked() {
            peer.send(&Command::OpenGroup { slug });
            peer.send(&Command::Download { group, file, tuning: peer.tuning().get_untracked(), plays: false });
        }
    };
    view! {
        <li class="row" data-testid="stored-row" data-name=name>
            <div>
                <span class="filename" data-testid="stored-line">{line}</span>
                <span class="faint" data-testid="stored-size">{room}</span>
                <Show when=move || is_elsewhere>
                    <span class="faint" data-testid="elsewhere">{words().storing_elsewhere().to_string()}</span>
                </Show>
                <Show when=move || !is_whole && is_synced.get() && slug.with(Option::is_none)>
                    <span class="faint">{words().storing_not_shared().to_string()}</span>
                </Show>
            </div>
            <div class="actions">
                <Show when=move || !is_elsewhere && slug.with(Option::is_some)>
                    <button
                        class="primary"
                        data-testid="continue"
                        aria-label=go_on_label.clone()
                        on:click=go_on
                    >
                        {verb.clone()}
                    </button>
                </Show>
                // What is here as a whole needs nobody.
                <Show when=move || is_whole && slug.with(Option::is_none)>
                    <button
                        class="primary"
                        data-testid="open-stored"
                        aria-label=open_label.clone()
                        on:click=move |_| peer.send(&Command::OpenStored { torrent })
                    >
                        {words().stored_open().to_string()}
                    </button>
                </Show>
                <Show when=move || !is_elsewhere>
                    <button
                        data-testid="remove-stored"
                        aria-label=remove_label.clone()
                        on:click=move |_| peer.send(&Command::RemoveStored { torrent })
                    >
                        {words().stored_remove().to_string()}
                    </button>
                </Show>
            </div>
        </li>
    }
}
