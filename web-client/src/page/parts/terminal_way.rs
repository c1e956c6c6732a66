use leptos::prelude::*;

use super::copy_field::CopyField;
use crate::address::DOWNLOAD_COMMAND;

/// How to download in a terminal: a command, and the invite that it asks for.
#[component]
pub(super) fn TerminalWay(
    /// The whole link.
    #[prop(into)]
    invite: Signal<String>,
) -> impl IntoView {
    view! {
        <CopyField label="the command for a terminal" text=DOWNLOAD_COMMAND testid="download-command"/>
        <span>"It asks for the invite:"</span>
        <CopyField label="the invite" text=invite testid="download-invite"/>
    }
}
