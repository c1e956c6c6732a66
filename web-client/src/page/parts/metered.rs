use leptos::prelude::*;

use crate::messages::Stage;
use crate::page::metered::Giving;
use crate::page::peer::Peer;

/// Asks before others get anything over a connection that costs, once there is something to give.
#[component]
pub(in crate::page) fn AskBeforeGiving() -> impl IntoView {
    let giving = expect_context::<Giving>();
    let has_something = Peer::expect().part(|snapshot| {
        snapshot.downloads.iter().any(|download| matches!(download.stage, Stage::Fetching { .. } | Stage::Done { .. }))
    });
    let why = move || giving.why().filter(|_| has_something.get());
    view! {
        <div role="status">
            <Show when=move || why().is_some()>
                <div class="banner" data-testid="metered">
                    <p>{why}</p>
                    <button data-testid="give-anyway" on:click=move |_| giving.agree()>"Help the others anyway"</button>
                </div>
            </Show>
        </div>
    }
}
