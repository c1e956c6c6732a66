use leptos::prelude::*;

use crate::format;
use crate::messages::{DownloadView, PeerView};
use crate::screen;

/// Whom this tab is linked with.
#[component]
pub(super) fn Peers(
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peers = Memo::new(move |_| download.with(|view| view.as_ref().map(screen::peers).unwrap_or_default()));
    let links = Memo::new(move |_| peers.with(|peers| peers.iter().map(|peer| peer.link).collect::<Vec<_>>()));
    view! {
        <ul class="peers">
            <For
                each=move || links.get()
                key=|link| *link
                children=move |link| {
                    let peer = Memo::new(move |_| peers.with(|peers| peers.iter().find(|peer| peer.link == link).cloned()));
                    view! { <PeerRow peer/> }
                }
            />
        </ul>
    }
}

/// One of them.
#[component]
fn PeerRow(
    /// What is shown.
    peer: Memo<Option<PeerView>>,
) -> impl IntoView {
    let part = move |of: fn(&PeerView) -> String| {
        Memo::new(move |_| peer.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let name = part(|peer| peer.name.clone());
    let client = part(screen::client_line);
    let path = part(|peer| peer.path.as_str().to_owned());
    let downloaded = part(|peer| peer.downloaded.to_string());
    let uploaded = part(|peer| peer.uploaded.to_string());
    let have = part(screen::peer_line);
    let linked = part(|peer| peer.is_linked.to_string());
    let rates = part(|peer| match (peer.rate_down, peer.rate_up) {
        (0, 0) => String::new(),
        (down, 0) => format!("↓ {}", format::rate(down)),
        (0, up) => format!("↑ {}", format::rate(up)),
        (down, up) => format!("↓ {}  ↑ {}", format::rate(down), format::rate(up)),
    });
    view! {
        <li
            class="peer"
            data-testid="peer-row"
            data-name=name
            data-peer-name=name
            data-path=path
            data-linked=linked
            data-downloaded=downloaded
            data-uploaded=uploaded
        >
            <span class="who"><strong>{name}</strong><span class="faint">{client}</span></span>
            <span class="badge">{path}</span>
            <span class="faint has">{have}</span>
            <span class="rates">{rates}</span>
        </li>
    }
}
