use leptos::prelude::*;

use crate::format;
use crate::messages::{PeerView, ShareView};
use crate::page::parts::peers::PeerRow;
use crate::screen::sharing;

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
                <For each=move || links.get() key=|link| *link children=move |link| receiver(share, link)/>
            </ul>
        </Show>
    }
}

/// One of them, by the link to it.
fn receiver(share: Memo<Option<ShareView>>, link: u64) -> impl IntoView {
    let peer = part(share, link, |_, peer| Some(peer.clone()));
    let has = part(share, link, sharing::receiver_line);
    let percent = part(share, link, sharing::receiver_percent);
    let rates = part(share, link, |_, peer| match peer.rate_up {
        0 => String::new(),
        up => format!("↑ {}", format::rate(up)),
    });
    view! { <PeerRow peer has rates percent/> }
}

fn part<T>(share: Memo<Option<ShareView>>, link: u64, of: fn(&ShareView, &PeerView) -> T) -> Memo<T>
where
    T: PartialEq + Default + Send + Sync + 'static,
{
    Memo::new(move |_| {
        let found = |share: &ShareView| Some(of(share, share.peers.iter().find(|peer| peer.link == link)?));
        share.with(|share| share.as_ref().and_then(found).unwrap_or_default())
    })
}
