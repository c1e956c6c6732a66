use leptos::ev::SubmitEvent;
use leptos::html;
use leptos::prelude::*;
use wire_protocol::control::{NAME_CHARS_MAX, PASSWORD_LEN_MAX, Password};

use super::name_field::NameField;
use crate::messages::{Command, Making, MakingProblem};
use crate::page::browser;
use crate::page::peer::Peer;
use crate::screen::making;
use crate::words::words;

/// Makes a group of one's own: a name, and the server's password if it asks for one.
#[component]
pub(super) fn MakeGroup() -> impl IntoView {
    let peer = Peer::expect();
    let making = peer.part(|snapshot| snapshot.making.clone());
    let proposed = Memo::new(move |_| making.with(|making| making.proposed.clone()));
    let (name, password) = (RwSignal::new(String::new()), RwSignal::new(String::new()));
    propose(proposed, name);
    let (field, form) = (NodeRef::<html::Input>::new(), NodeRef::<html::Form>::new());
    let typed = RwSignal::new(None::<String>);
    let current = peer.part(|snapshot| snapshot.display_name.clone());
    let make = move |event: SubmitEvent| {
        event.prevent_default();
        let takes_password = making.with_untracked(|making| making.takes_password);
        peer.send(&Command::MakeGroup {
            name: name.get_untracked(),
            display_name: typed.get_untracked().unwrap_or_else(|| current.get_untracked()),
            password: takes_password.then(|| Password(password.get_untracked())),
        });
    };
    lead_to_missing(making, field, form);
    let problem = Memo::new(move |_| making.with(|making| making.problem.as_ref().map(making::problem_line)));
    let button = move || {
        let is_under_way = making.with(|making| making.is_under_way);
        if is_under_way { words().make_under_way() } else { words().make_button() }.to_string()
    };
    view! {
        <section class="card">
            <h2>{words().make_title().to_string()}</h2>
            <p class="faint">{words().making_purpose().to_string()}</p>
            <form node_ref=form data-testid="make-group" on:submit=make>
                <div class="limits">
                    <label class="field">
                        <span>{words().make_name().to_string()}</span>
                        <input
                            node_ref=field
                            type="text"
                            data-testid="new-group-name"
                            placeholder=words().make_name_example().to_string()
                            autocomplete="off"
                            maxlength=NAME_CHARS_MAX
                            aria-invalid=move || (is_of(making, &MakingProblem::Nameless)).then_some("true")
                            prop:value=name
                            on:input:target=move |event| name.set(event.target().value())
                        />
                    </label>
                    <NameField typed/>
                </div>
                <Show when=move || proposed.with(Option::is_some)>
                    <p class="line" data-testid="waits-for-group">{words().making_waits().to_string()}</p>
                </Show>
                <Show when=move || making.with(|making| making.takes_password)>
                    <PasswordField password making form/>
                </Show>
                <Show when=move || problem.with(Option::is_some)>
                    <p class="problem" data-testid="error" role="alert">{move || problem.get()}</p>
                </Show>
                // It is not disabled meanwhile, which would take the focus from it.
                <button
                    class="primary"
                    data-testid="make"
                    aria-disabled=move || making.with(|making| making.is_under_way).then_some("true")
                >
                    {button}
                </button>
            </form>
        </section>
    }
}

/// What the program calls it, which was to be shared, until the person thinks of something better.
fn propose(proposed: Memo<Option<String>>, name: RwSignal<String>) {
    Effect::new(move |_| {
        if let Some(proposed) = proposed.get() {
            name.set(proposed);
        }
    });
}

/// Whoever is in the form is led to what is missing.
fn lead_to_missing(making: Memo<Making>, field: NodeRef<html::Input>, form: NodeRef<html::Form>) {
    Effect::new(move |_| {
        if let (true, Some(field), Some(form)) =
            (is_of(making, &MakingProblem::Nameless), field.get(), form.get_untracked())
            && browser::has_focus(&form)
        {
            let _ = field.focus();
        }
    });
}

fn is_of(making: Memo<Making>, problem: &MakingProblem) -> bool {
    making.with(|making| making.problem.as_ref() == Some(problem))
}

/// The server's password, with why it is asked for. Whoever is in the form goes on here.
#[component]
fn PasswordField(
    /// What was typed.
    password: RwSignal<String>,
    making: Memo<Making>,
    /// The form around it.
    form: NodeRef<html::Form>,
) -> impl IntoView {
    let field = NodeRef::<html::Input>::new();
    Effect::new(move |_| {
        let is_next = making.with(|making| !making.is_under_way && making.problem != Some(MakingProblem::Nameless));
        if let (true, Some(field), Some(form)) = (is_next, field.get(), form.get_untracked())
            && browser::has_focus(&form)
        {
            let _ = field.focus();
            field.select();
        }
    });
    view! {
        <label class="field">
            <span>{words().make_password().to_string()}</span>
            <input
                node_ref=field
                type="password"
                data-testid="server-password"
                autocomplete="off"
                maxlength=PASSWORD_LEN_MAX
                aria-describedby="server-password-why"
                aria-invalid=move || is_of(making, &MakingProblem::WrongPassword).then_some("true")
                prop:value=password
                on:input:target=move |event| password.set(event.target().value())
            />
        </label>
        <p id="server-password-why" class="faint" data-testid="password-why">{words().making_password().to_string()}</p>
    }
}
