//! The whole page: what is always there, and the one screen in front.

use std::collections::BTreeSet;

use gloo::timers::callback::Timeout;
use leptos::prelude::*;
use wire_protocol::pasted::DamagedIdentity;

use super::bar::{self, Entry};
use super::metered::Giving;
use super::parts::{
    AskBeforeGiving, DropTarget, Footer, Forgetful, Group, Header, Home, LandingCard, Notices, OfferedIdentity,
    Opening, StatusLine, Stored, StoredOf, Trouble, paint,
};
use super::peer::Peer;
use super::{awake, browser, notifying, service};
use crate::address::Address;
use crate::bursts::Bursts;
use crate::identity_link::IdentitySecret;
use crate::messages::Stage;
use crate::screen::saving::goes_to_downloads;
use crate::screen::{self, Screen};

/// The page.
#[component]
pub(super) fn App() -> impl IntoView {
    let peer = Peer::start();
    provide_context(peer);
    provide_context(Giving::watch(peer));
    keep_title(peer);
    keep_tab_open(peer);
    save_when_done(peer);
    notifying::tell_news(peer);
    service::serve(peer);
    let screen = peer.part(Screen::of);
    name_what_is_shown(peer, screen);
    browser::keep_focus();
    let offered = RwSignal::new(None);
    if let Address::Identity(identity) = bar::address() {
        offer(offered, identity);
    }
    bar::on_moved(move || match bar::address() {
        Address::Identity(identity) => offer(offered, identity),
        address => peer.go_to(address),
    });
    let dark = paint();
    view! {
        // In another language all of it is said anew.
        {move || {
            peer.language().track();
            view! { <Header dark/> <Main screen offered/> }
        }}
        <DropTarget/>
        <Footer/>
    }
}

/// What is in front.
#[component]
fn Main(
    /// Which.
    screen: Memo<Screen>,
    /// An identity comes before all else.
    offered: RwSignal<Option<Identity>>,
) -> impl IntoView {
    let dismiss = move |()| offered.set(None);
    let wasm_bytes = Peer::expect().part(|snapshot| snapshot.wasm_bytes.to_string());
    view! {
        <main data-wasm-bytes=wasm_bytes>
            <StatusLine/>
            <Trouble/>
            <Forgetful/>
            <Notices/>
            <AskBeforeGiving/>
            {move || match (offered.get(), screen.get()) {
                (Some(offered), _) => view! { <OfferedIdentity offered dismiss=dismiss/> }.into_any(),
                (None, Screen::Home) => view! { <Home/> }.into_any(),
                (None, Screen::Landing) => view! { <Stored of=StoredOf::Invite/> <LandingCard/> }.into_any(),
                (None, Screen::Opening) => view! { <Opening/> }.into_any(),
                (None, Screen::Group(group)) => view! { <Group group/> }.into_any(),
            }}
        </main>
    }
}

type Identity = Result<IdentitySecret, DamagedIdentity>;

/// Asks whether this browser is to be somebody else. The secret is in nobody's address bar, history or screenshot.
fn offer(offered: RwSignal<Option<Identity>>, identity: Identity) {
    bar::show_home(Entry::Here);
    offered.set(Some(identity));
}

/// The address bar names a group that was just made, and not one that is gone.
fn name_what_is_shown(peer: Peer, screen: Memo<Screen>) {
    Effect::new(move |before: Option<Screen>| {
        let now = screen.get();
        match (before, now) {
            (Some(Screen::Group(_)), Screen::Home) => bar::show_home(Entry::Here),
            (Some(Screen::Home), Screen::Group(group)) => {
                if let Some(slug) = peer.read(|snapshot| Some(snapshot.group(group)?.slug.clone())) {
                    bar::show_group(&slug, None, Entry::Next);
                }
            }
            _ => {}
        }
        now
    });
}

fn keep_title(peer: Peer) {
    let title = peer.part(screen::document_title);
    Effect::new(move |_| browser::set_title(&title.get()));
}

fn keep_tab_open(peer: Peer) {
    let is_needed = peer.part(screen::is_needed);
    browser::guard_closing(move || is_needed.get_untracked());
    awake::keep_awake(peer.part(screen::is_busy));
}

/// The finished file goes into the browser's downloads by itself, once.
fn save_when_done(peer: Peer) {
    let finished = peer.part(|snapshot| {
        let downloads = snapshot.downloads.iter().filter(|download| goes_to_downloads(download));
        let done = downloads.filter_map(|download| match &download.stage {
            Stage::Done { url } => Some((url.clone(), download.name.clone())),
            _ => None,
        });
        done.collect::<Vec<_>>()
    });
    let bursts = StoredValue::new_local(Bursts::default());
    Effect::new(move |saved: Option<BTreeSet<String>>| {
        let mut saved = saved.unwrap_or_default();
        for (url, name) in finished.get() {
            if saved.insert(url.clone()) {
                let wait_ms = bursts.try_update_value(|bursts| bursts.next_wait_ms(browser::now_ms()));
                save_after(wait_ms.unwrap_or_default(), url, name);
            }
        }
        saved
    });
}

/// A timer of a hidden tab may be late: without need there is none.
fn save_after(wait_ms: f64, url: String, name: String) {
    if wait_ms > 0.0 {
        Timeout::new(wait_ms as u32, move || browser::save(&url, &name)).forget();
    } else {
        browser::save(&url, &name);
    }
}
