//! Saving a download where the person wants it, one component to a file.

mod file_list;
mod places;

use leptos::prelude::*;

use super::progress::Progress;
use crate::messages::{DownloadView, SavingStep};
use crate::screen::saving;
use crate::words::words;
pub(super) use file_list::FileList;
pub(super) use places::{Places, PlacesLine};

/// How far it is.
#[component]
pub(super) fn Saving(
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let of = move |of: fn(&DownloadView) -> Option<String>| {
        Memo::new(move |_| download.with(|view| view.as_ref().and_then(of)))
    };
    let line = of(saving::line);
    let percent = Memo::new(move |_| download.with(|view| view.as_ref().and_then(saving::percent)));
    let has_failed = Memo::new(move |_| {
        let step = download.with(|view| Some(view.as_ref()?.saving.as_ref()?.step.clone()));
        matches!(step, Some(SavingStep::Failed { .. }))
    });
    let state = of(saving::state);
    view! {
        <Show when=move || line.with(Option::is_some)>
            <p
                class="line"
                data-testid="saving-line"
                data-saving=state
                aria-live="polite"
                class:problem=move || has_failed.get()
            >
                {move || line.get()}
            </p>
        </Show>
        <Show when=move || percent.get().is_some()>
            <Progress
                label=words().save_progress().to_string()
                testid="saving-progress"
                percent=Signal::derive(move || percent.get().unwrap_or_default())
            />
        </Show>
    }
}
