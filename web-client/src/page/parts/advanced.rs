use std::sync::atomic::{AtomicU32, Ordering};

use leptos::prelude::*;
use peer_engine::PiecePolicy;

use crate::tuning::{self, Tuning};
use crate::words::words;

/// What most people never need: which piece comes next, and how fast at most. Closed until it is wanted.
#[component]
pub(super) fn Advanced(
    /// What is chosen.
    #[prop(into)]
    tuning: Signal<Tuning>,
    /// The person chose something else.
    #[prop(into)]
    choose: Callback<Tuning>,
    /// Every piece is here: what is left to choose is how fast it goes to others.
    #[prop(into)]
    is_complete: Signal<bool>,
    /// A field holds something that is no limit.
    #[prop(optional)]
    is_unsound: RwSignal<bool>,
) -> impl IntoView {
    let (down_problem, up_problem) = (RwSignal::new(None), RwSignal::new(None));
    Effect::new(move |_| is_unsound.set(down_problem.with(Option::is_some) || up_problem.with(Option::is_some)));
    let choose_policy = move |policy| choose.run(Tuning { policy, ..tuning.get_untracked() });
    let choose_down = move |down| choose.run(Tuning { down, ..tuning.get_untracked() });
    // Of a complete file only what is still to choose is said.
    let summary = move || match is_complete.get() {
        true => Tuning { up: tuning.get().up, ..Tuning::default() }.summary(),
        false => tuning.get().summary(),
    };
    let choose_up = move |up| choose.run(Tuning { up, ..tuning.get_untracked() });
    view! {
        <details class="advanced" data-testid="advanced" data-policy=move || tuning.get().policy.to_string()>
            <summary>{words().advanced_title().to_string()} " " <span class="faint">{summary}</span></summary>
            <div class="choices">
                <Show when=move || !is_complete.get()>
                    <PolicyField policy=Signal::derive(move || tuning.get().policy) choose=choose_policy/>
                </Show>
                <div class="limits">
                    <Show when=move || !is_complete.get()>
                        <LimitField
                            label=words().advanced_down().to_string()
                            testid="limit-down"
                            rate=Signal::derive(move || tuning.get().down)
                            choose=choose_down
                            problem=down_problem
                        />
                    </Show>
                    <LimitField
                        label=words().advanced_up().to_string()
                        testid="limit-up"
                        rate=Signal::derive(move || tuning.get().up)
                        choose=choose_up
                        problem=up_problem
                    />
                </div>
            </div>
        </details>
    }
}

/// Which piece comes next, and what that is good for.
#[component]
fn PolicyField(
    /// The one that is chosen.
    policy: Signal<PiecePolicy>,
    /// The person chose another.
    #[prop(into)]
    choose: Callback<PiecePolicy>,
) -> impl IntoView {
    // Each download has this section, and an id is one element's.
    static SECTIONS: AtomicU32 = AtomicU32::new(0);
    let explanation = format!("policy-explanation-{}", SECTIONS.fetch_add(1, Ordering::Relaxed));
    let options = PiecePolicy::NAMES.map(|(name, one)| {
        view! { <option value=name prop:selected=move || policy.get() == one>{tuning::label(one)}</option> }
    });
    view! {
        <label class="field">
            <span>{words().advanced_policy().to_string()}</span>
            <select
                data-testid="policy"
                aria-describedby=explanation.clone()
                on:change:target=move |event| {
                    if let Ok(chosen) = event.target().value().parse() {
                        choose.run(chosen);
                    }
                }
            >
                {options.into_iter().collect_view()}
            </select>
        </label>
        <p id=explanation class="faint" aria-live="polite">{move || tuning::explanation(policy.get())}</p>
    }
}

/// How fast at most. Takes effect when the field is left, not while a number is half typed.
#[component]
fn LimitField(
    /// What is limited.
    label: String,
    /// For tests.
    testid: &'static str,
    /// Bytes per second.
    rate: Signal<Option<u64>>,
    /// The person chose another.
    #[prop(into)]
    choose: Callback<Option<u64>>,
    /// What is wrong with what was typed.
    problem: RwSignal<Option<String>>,
) -> impl IntoView {
    let typed = RwSignal::new(None::<String>);
    let shown = move || typed.get().unwrap_or_else(|| tuning::rate_text(rate.get()));
    let commit = move |text: String| match tuning::parse_rate(&text) {
        Ok(rate) => {
            typed.set(None);
            problem.set(None);
            choose.run(rate);
        }
        Err(sentence) => problem.set(Some(sentence)),
    };
    view! {
        <div>
            <label class="field">
                <span>{label}</span>
                <span class="limit">
                    <input
                        type="text"
                        inputmode="decimal"
                        data-testid=testid
                        placeholder=words().advanced_no_limit().to_string()
                        autocomplete="off"
                        aria-invalid=move || problem.with(Option::is_some).then_some("true")
                        prop:value=shown
                        on:input:target=move |event| {
                            typed.set(Some(event.target().value()));
                            problem.set(None);
                        }
                        on:change:target=move |event| commit(event.target().value())
                    />
                    <span>{words().advanced_unit().to_string()}</span>
                </span>
            </label>
            <Show when=move || problem.with(Option::is_some)>
                <p class="problem" data-testid="error" role="alert">{move || problem.get()}</p>
            </Show>
        </div>
    }
}
