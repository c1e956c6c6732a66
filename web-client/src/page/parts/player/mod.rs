//! Playing: the player, and the buttons that open it.

mod buttons;
mod course;
mod element;

use leptos::prelude::*;
use wasm_bindgen_futures::spawn_local;
use wire_protocol::ids::FileId;

use crate::messages::{DownloadView, Playable, Stage, Wait};
use crate::page::peer::{Peer, ToPlay};
use crate::page::service;
use crate::playing::{Kind, Media, MediaAddress, What};
use crate::screen::playing::{NoService, Trouble, no_service_line, trouble_line, wait_line};
use crate::words::words;
pub(super) use buttons::{PlayButton, PlayList};
use course::Course;
use element::Element;

/// A film or a song of a download, if the person plays one.
#[component]
pub(super) fn Player(
    /// The file card.
    file: FileId,
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let peer = Peer::expect();
    let all =
        Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.playable.clone()).unwrap_or_default()));
    Effect::new(move |_| {
        let first = all.with(|all| all.first().map(|playable| playable.index));
        if let (Some(ToPlay::Next), Some(first)) = (peer.to_play().get(), first) {
            peer.play_next(file, first);
        }
    });
    let shown = Memo::new(move |_| match peer.to_play().get()? {
        ToPlay::File(wanted, index) if wanted == file => {
            all.with(|all| all.iter().find(|playable| playable.index == index).cloned())
        }
        ToPlay::File(..) | ToPlay::Next => None,
    });
    view! { {move || shown.get().map(|playable| view! { <Screen file playable download/> })} }
}

/// What the element is given.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Source {
    /// Not known yet.
    None,
    /// An address.
    At(String),
    /// Nothing, until all of it is here.
    Whole(NoService),
    /// Nothing: it cannot be played.
    Trouble(Trouble),
}

/// The element itself, and what is said of it.
#[component]
fn Screen(file: FileId, playable: Playable, download: Memo<Option<DownloadView>>) -> impl IntoView {
    let peer = Peer::expect();
    let Playable { index, name, size, kind, subtitles } = playable;
    let source = RwSignal::new(Source::None);
    find_source(source, file, index, &name, download);
    let course = Course::new(peer, file, index, size, source);
    Effect::new(move |_| {
        if matches!(source.get(), Source::Whole(_) | Source::Trouble(_)) {
            course.give_up();
        }
    });
    on_cleanup(move || course.end());
    let wait = Memo::new(move |_| download.with(|view| view.as_ref().and_then(|view| view.wait)));
    let line = {
        let name = name.clone();
        move || said(&name, &source.get(), course.waits_at.get(), wait.get())
    };
    let close = move |_| peer.play(None);
    let close_label = words().player_close_name(&name).to_string();
    let label = StoredValue::new(words().player_title(&name).to_string());
    let (subtitles, title) = (StoredValue::new(subtitles), StoredValue::new(name.clone()));
    let own_name = name.clone();
    let is_part = Memo::new(move |_| download.with(|view| view.as_ref().is_some_and(|view| view.name != own_name)));
    let at = move || match source.get() {
        Source::At(url) => Some(url),
        _ => None,
    };
    view! {
        <section
            class="player"
            class:music=kind == Kind::Music
            data-testid="player"
            data-name=name
            aria-label=label.get_value()
            data-trouble=move || match source.get() {
                Source::Trouble(trouble) => Some(trouble.as_str()),
                _ => None,
            }
            data-first-ms=move || course.first_ms.get()
            data-stalls=move || course.stalls.get()
        >
            {move || at().map(|url| view! { <Element file url kind subtitles=subtitles.get_value() label=label.get_value() course/> })}
            <div class="below">
                <div>
                    <Show when=move || is_part.get()><span class="filename"><bdi>{title.get_value()}</bdi></span></Show>
                    <p class="wait" role="status" data-testid="player-line">{line}</p>
                </div>
                <button class="quiet" data-testid="close-player" aria-label=close_label on:click=close>
                    {words().player_close().to_string()}
                </button>
            </div>
        </section>
    }
}

/// Where the bytes are had: from the pieces that are here, or from the whole file where that is the only way.
fn find_source(source: RwSignal<Source>, file: FileId, index: u32, name: &str, download: Memo<Option<DownloadView>>) {
    if Media::of(name).is_some_and(|media| !service::may_play(media)) {
        return source.set(Source::Trouble(Trouble::Unknown));
    }
    spawn_local(async move {
        let address = MediaAddress { file, index, what: What::Bytes };
        // The person may have closed it meanwhile.
        let _ = source.try_set(match service::begin_service().await {
            Ok(()) => Source::At(address.to_string()),
            Err(why) => Source::Whole(why),
        });
    });
    Effect::new(move |_| {
        let whole = download.with(|view| match view.as_ref().map(|view| &view.stage) {
            Some(Stage::Done { url }) => Some(url.clone()),
            _ => None,
        });
        if let (Source::Whole(_), Some(url)) = (source.get(), whole) {
            source.set(Source::At(url));
        }
    });
}

fn said(name: &str, source: &Source, waits_at: Option<f64>, wait: Option<Wait>) -> String {
    match source {
        Source::None => wait_line(None, None),
        Source::At(_) => waits_at.map(|at| wait_line(Some(at), wait)).unwrap_or_default(),
        Source::Whole(why) => no_service_line(*why),
        Source::Trouble(trouble) => trouble_line(name, *trouble),
    }
}
