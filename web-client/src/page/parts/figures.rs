use leptos::prelude::*;

use crate::format;
use crate::messages::{DownloadView, Stage};
use crate::screen;
use crate::words::words;

/// How much, how fast, how long, from how many.
#[component]
pub(super) fn FiguresLine(
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let part = move |of: fn(&DownloadView) -> String| {
        Memo::new(move |_| download.with(|view| view.as_ref().map(of).unwrap_or_default()))
    };
    let is_done = Memo::new(move |_| {
        download.with(|view| matches!(view.as_ref().map(|view| &view.stage), Some(Stage::Done { .. })))
    });
    let amount = part(|view| {
        let here = (view.figures.bytes_have + view.figures.bytes_partial).min(view.size);
        words().download_amount_of(format::bytes(here), format::bytes(view.size)).to_string()
    });
    let size = part(|view| format::bytes(view.size));
    let down = part(|view| screen::rate_down(view).map_or_else(|| "–".to_owned(), format::rate));
    let up = part(|view| format::rate(view.figures.rate_up));
    let sent = part(|view| format::bytes(view.figures.uploaded));
    let eta = part(|view| screen::time_left(view).unwrap_or_else(|| "–".to_owned()));
    let people = part(|view| screen::count_people(view).to_string());
    view! {
        <dl class="figures">
            <Show
                when=move || is_done.get()
                fallback=move || view! {
                    <div><dt>{words().download_amount().to_string()}</dt><dd data-testid="amount">{amount}</dd></div>
                    <div><dt>{words().download_down().to_string()}</dt><dd data-testid="rate-down">{down}</dd></div>
                    <div><dt>{words().download_left().to_string()}</dt><dd data-testid="eta">{eta}</dd></div>
                }
            >
                <div><dt>{words().download_size().to_string()}</dt><dd data-testid="amount">{size}</dd></div>
                <div><dt>{words().download_sent().to_string()}</dt><dd data-testid="sent">{sent}</dd></div>
            </Show>
            <div><dt>{words().download_up().to_string()}</dt><dd data-testid="rate-up">{up}</dd></div>
            <div><dt>{words().download_people().to_string()}</dt><dd data-testid="people">{people}</dd></div>
        </dl>
    }
}
