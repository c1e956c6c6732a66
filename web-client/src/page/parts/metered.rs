use leptos::prelude::*;

use crate::messages::Stage;
use crate::page::metered::Giving;
use crate::page::peer::Peer;
use crate::words::words;

/// Asks before others get anything over a connection that costs, once there is something to give.
#[component]
pub(in crate::page) fn AskBeforeGiving() -> impl IntoView {
    let giving = expect_context::<Giving>();
    let any = |is: fn(&Stage) -> bool| {
        Peer::expect().part(move |snapshot| snapshot.downloads.iter().any(|download| is(&download.stage)))
    };
    let is_downloading = any(|stage| matches!(stage, Stage::Fetching { .. }));
    let is_done = any(|stage| matches!(stage, Stage::Done { .. }));
    let why = move || giving.why(is_downloading.get()).filter(|_| is_downloading.get() || is_done.get());
    view! {
        <div role="status">
            <Show when=move || why().is_some()>
                <div class="banner trouble" data-testid="metered">
                    <p>{why}</p>
                    <button data-testid="give-anyway" on:click=move |_| giving.agree()>
                        {words().metered_give().to_string()}
                    </button>
                </div>
            </Show>
        </div>
    }
}
