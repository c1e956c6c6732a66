use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::confirm::Question;
use super::part;
use crate::messages::{Act, GroupView};
use crate::page::peer::Peer;
use crate::screen::acts::{self, Confirmation};
use crate::words::words;

/// The way out, and for admins the end.
#[component]
pub(super) fn Leaving(
    group: GroupId,
    /// What is asked before.
    asked: RwSignal<Option<Question>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let is_admin = part(group, |view| view.is_admin);
    let ask = move |about: fn(&GroupView) -> Confirmation, act: Act| {
        let about = peer.read(|snapshot| snapshot.group(group).map(about));
        asked.set(about.map(|words| Question { words, mark: None, act }));
    };
    view! {
        <div class="actions leaving">
            <button data-testid="leave-group" on:click=move |_| ask(acts::leave, Act::Leave)>
                {words().group_leave().to_string()}
            </button>
            <Show when=move || is_admin.get()>
                <button class="danger" data-testid="close-group" on:click=move |_| ask(acts::close, Act::Close)>
                    {words().group_close().to_string()}
                </button>
            </Show>
        </div>
    }
}
