use leptos::prelude::*;

use crate::page::peer::Peer;

/// What happened that the person should know: a peer that sent damaged data, a file that was removed.
#[component]
pub(in crate::page) fn Notices() -> impl IntoView {
    let notices = Peer::expect().part(|snapshot| snapshot.notices.clone());
    view! {
        <For
            each=move || notices.get().into_iter().enumerate()
            key=|(index, text)| (*index, text.clone())
            children=|(_, text)| view! { <p class="banner" data-testid="notice">{text}</p> }
        />
    }
}
