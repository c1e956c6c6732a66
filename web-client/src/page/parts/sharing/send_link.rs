use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::address::is_only_here;
use crate::messages::{Act, Command};
use crate::page::browser;
use crate::page::parts::qr::LinkField;
use crate::page::parts::terminal_way::TerminalWay;
use crate::page::peer::Peer;
use crate::screen::invites::USUAL_WISH;
use crate::screen::sharing;
use crate::words::words;

/// The link by which others get what this tab shares: the first thing that one wants then.
#[component]
pub(in crate::page) fn SendLink(group: GroupId) -> impl IntoView {
    let peer = Peer::expect();
    let is_sharing = peer.part(move |snapshot| snapshot.shares.iter().any(|share| share.group == group));
    let link = peer.part(move |snapshot| snapshot.group(group).and_then(sharing::link));
    let shown = Signal::derive(move || link.get().unwrap_or_default());
    view! {
        <Show when=move || is_sharing.get()>
            <section class="card">
                <h2>{words().share_send().to_string()}</h2>
                <Show when=|| is_only_here(&browser::origin())>
                    <p class="line waiting">{words().invites_only_here().to_string()}</p>
                </Show>
                <Show
                    when=move || link.with(Option::is_some)
                    fallback=move || view! {
                        <p class="faint">{words().share_no_link().to_string()}</p>
                        <div class="actions">
                            <button
                                data-testid="make-link"
                                on:click=move |_| peer.send(&Command::Act { group, act: Act::Invite(USUAL_WISH) })
                            >
                                {words().share_make_link().to_string()}
                            </button>
                        </div>
                    }
                >
                    <LinkField label=words().share_link().to_string() link=shown testid="share-link"/>
                    <p class="faint">{words().share_whoever().to_string()}</p>
                    <details class="advanced">
                        <summary>{words().share_terminal().to_string()}</summary>
                        <div class="choices"><TerminalWay invite=shown/></div>
                    </details>
                </Show>
            </section>
        </Show>
    }
}
