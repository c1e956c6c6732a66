use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use super::confirm::Question;
use super::part;
use crate::messages::{Act, GroupView};
use crate::page::peer::Peer;
use crate::screen::acts::{self, Confirmation};

/// The way out, and for admins the end.
#[component]
pub(super) fn Leaving(
    group: GroupId,
    /// What is asked before.
    asked: RwSignal<Option<Question>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let is_admin = part(group, |view| view.is_admin);
    let ask = move |words: fn(&GroupView) -> Confirmation, act: Act| {
        let words = peer.read(|snapshot| snapshot.group(group).map(words));
        asked.set(words.map(|words| Question { words, mark: None, act }));
    };
    view! {
        <div class="actions leaving">
            <button data-testid="leave-group" on:click=move |_| ask(acts::leave, Act::Leave)>"Leave the group …"</button>
            <Show when=move || is_admin.get()>
                <button class="danger" data-testid="close-group" on:click=move |_| ask(acts::close, Act::Close)>
                    "Close the group …"
                </button>
            </Show>
        </div>
    }
}
