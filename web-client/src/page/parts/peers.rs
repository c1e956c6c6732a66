use leptos::prelude::*;

use super::progress::Progress;
use crate::format;
use crate::messages::{DownloadView, Path, PeerView};
use crate::screen;
use crate::words::words;

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
                    let part = move |of: fn(&PeerView) -> String| {
                        Memo::new(move |_| peer.with(|peer| peer.as_ref().map(of).unwrap_or_default()))
                    };
                    view! { <PeerRow peer has=part(screen::peer_line) rates=part(rates)/> }
                }
            />
        </ul>
    }
}

fn rates(peer: &PeerView) -> String {
    match (peer.rate_down, peer.rate_up) {
        (0, 0) => String::new(),
        (down, 0) => format!("↓ {}", format::rate(down)),
        (0, up) => format!("↑ {}", format::rate(up)),
        (down, up) => format!("↓ {}  ↑ {}", format::rate(down), format::rate(up)),
    }
}

/// One of those whom this tab is linked with.
#[component]
pub(super) fn PeerRow(
    /// Who.
    peer: Memo<Option<PeerView>>,
    /// What they have.
    has: Memo<String>,
    /// How fast it goes.
    rates: Memo<String>,
    /// What they have, per cent: shown as a bar.
    #[prop(optional)]
    percent: Option<Memo<u8>>,
) -> impl IntoView {
    let part = move |of: fn(&PeerView) -> String| {
        Memo::new(move |_| peer.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let name = part(|peer| peer.name.clone());
    let client = part(screen::client_line);
    let path = part(|peer| peer.path.as_str().to_owned());
    let way = part(|peer| way(peer.path));
    let downloaded = part(|peer| peer.downloaded.to_string());
    let uploaded = part(|peer| peer.uploaded.to_string());
    let linked = part(|peer| peer.is_linked.to_string());
    let bar = percent.map(|percent| {
        let label = Signal::derive(move || words().share_has(name.get()).to_string());
        view! { <Progress label percent/> }
    });
    view! {
        <li
            class="peer"
            class:receiver=percent.is_some()
            data-testid="peer-row"
            data-name=name
            data-peer-name=name
            data-path=path
            data-linked=linked
            data-downloaded=downloaded
            data-uploaded=uploaded
        >
            <span class="who"><strong dir="auto">{name}</strong><span class="faint">{client}</span></span>
            <span class="badge">{way}</span>
            <span class="faint has">{has}</span>
            <span class="rates">{rates}</span>
            {bar}
        </li>
    }
}

/// How bytes come and go.
fn way(path: Path) -> String {
    let way = match path {
        Path::Relay => words().download_relay(),
        Path::Direct => words().download_direct(),
        Path::Bridge => words().download_bridge(),
    };
    way.to_string()
}
