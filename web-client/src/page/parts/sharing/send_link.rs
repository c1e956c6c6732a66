use leptos::prelude::*;
use wire_protocol::ids::GroupId;

use crate::address::is_only_here;
use crate::messages::{Act, Command};
use crate::page::browser;
use crate::page::parts::qr::LinkField;
use crate::page::parts::terminal_way::TerminalWay;
use crate::page::peer::Peer;
use crate::screen::invites::{USUAL_WISH, only_here_line};
use crate::screen::sharing;

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
                <h2>"Send this link"</h2>
                <Show when=|| is_only_here(&browser::origin())>
                    <p class="line waiting">{only_here_line()}</p>
                </Show>
                <Show
                    when=move || link.with(Option::is_some)
                    fallback=move || view! {
                        <p class="faint">"This browser knows no open link into the group."</p>
                        <div class="actions">
                            <button
                                data-testid="make-link"
                                on:click=move |_| peer.send(&Command::Act { group, act: Act::Invite(USUAL_WISH) })
                            >
                                "Make a link"
                            </button>
                        </div>
                    }
                >
                    <LinkField label="the link" link=shown testid="share-link"/>
                    <p class="faint">"Whoever opens it gets the files in the browser, with nothing to install."</p>
                    <details class="advanced">
                        <summary>"In a terminal"</summary>
                        <div class="choices"><TerminalWay invite=shown/></div>
                    </details>
                </Show>
            </section>
        </Show>
    }
}
