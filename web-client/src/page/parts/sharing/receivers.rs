use leptos::prelude::*;

use crate::format;
use crate::messages::{PeerView, ShareView};
use crate::screen::{client_line, sharing};

/// Who gets it, one row each, with a bar.
#[component]
pub(super) fn Receivers(
    /// What is shown.
    share: Memo<Option<ShareView>>,
) -> impl IntoView {
    let links = Memo::new(move |_| {
        share.with(|share| share.iter().flat_map(|share| share.peers.iter().map(|peer| peer.link)).collect::<Vec<_>>())
    });
    view! {
        <Show when=move || !links.with(Vec::is_empty)>
            <ul class="peers">
                <For each=move || links.get() key=|link| *link children=move |link| view! { <ReceiverRow share link/> }/>
            </ul>
        </Show>
    }
}

/// One of them.
#[component]
fn ReceiverRow(
    share: Memo<Option<ShareView>>,
    /// Which.
    link: u64,
) -> impl IntoView {
    let part = move |of: fn(&ShareView, &PeerView) -> String| {
        Memo::new(move |_| {
            share
                .with(|share| {
                    let share = share.as_ref()?;
                    Some(of(share, share.peers.iter().find(|peer| peer.link == link)?))
                })
                .unwrap_or_default()
        })
    };
    let name = part(|_, peer| peer.name.clone());
    let client = part(|_, peer| client_line(peer));
    let path = part(|_, peer| peer.path.as_str().to_owned());
    let linked = part(|_, peer| peer.is_linked.to_string());
    let (downloaded, uploaded) =
        (part(|_, peer| peer.downloaded.to_string()), part(|_, peer| peer.uploaded.to_string()));
    let percent = part(|share, peer| sharing::receiver_percent(share, peer).to_string());
    let has = part(sharing::receiver_line);
    let rate = part(|_, peer| match peer.rate_up {
        0 => String::new(),
        up => format!("↑ {}", format::rate(up)),
    });
    view! {
        <li
            class="peer receiver"
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
            <span class="rates">{rate}</span>
            <div
                class="bar"
                role="progressbar"
                aria-label=move || format!("What {} has", name.get())
                aria-valuemin="0"
                aria-valuemax="100"
                aria-valuenow=percent
            >
                <div class="fill" style:width=move || format!("{}%", percent.get())></div>
            </div>
            <span class="faint has">{has}</span>
        </li>
    }
}
