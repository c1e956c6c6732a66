use leptos::prelude::*;

use super::copy_field::CopyField;
use crate::address::DOWNLOAD_COMMAND;
use crate::words::words;

/// How to download in a terminal: a command, and the invite that it asks for.
#[component]
pub(super) fn TerminalWay(
    /// The whole link.
    #[prop(into)]
    invite: Signal<String>,
) -> impl IntoView {
    view! {
        <CopyField label=words().links_command().to_string() text=DOWNLOAD_COMMAND testid="download-command"/>
        <span>{words().links_asks().to_string()}</span>
        <CopyField label=words().links_invite().to_string() text=invite testid="download-invite"/>
    }
}
