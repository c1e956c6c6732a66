use leptos::prelude::*;

/// How far something is, as a bar.
#[component]
pub(in crate::page) fn Progress(
    /// What is counted, for screen readers.
    #[prop(into)]
    label: Signal<String>,
    /// `data-testid`.
    #[prop(optional)]
    testid: Option<&'static str>,
    /// Per cent.
    #[prop(into)]
    percent: Signal<u8>,
) -> impl IntoView {
    view! {
        <div
            class="bar"
            role="progressbar"
            data-testid=testid
            aria-label=label
            aria-valuemin="0"
            aria-valuemax="100"
            aria-valuenow=move || percent.get().to_string()
        >
            <div class="fill" style:width=move || format!("{}%", percent.get())></div>
        </div>
    }
}
