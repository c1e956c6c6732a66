//! `identity`: who this person is, and taking that to another device.

use serde_json::json;

use super::{DataDir, Imported, line};
use crate::cli::target::{can_ask, prompt, read_pasted};
use crate::cli::{IdentityTask, Setup};
use crate::failure::{Failure, Outcome};
use crate::report::Report;
use crate::session::ServerUrl;

/// Runs the command.
///
/// # Errors
/// [`Failure`].
pub fn run(task: &IdentityTask, setup: &Setup, report: &Report) -> Outcome {
    let data = DataDir::open(setup.data.as_deref())?;
    match task {
        IdentityTask::Show(server) => show(&data, setup, server, report),
        IdentityTask::Export(server) => export(&data, server, report),
        IdentityTask::Import { replace } => import(&data, *replace, report),
    }
}

fn show(data: &DataDir, setup: &Setup, server: &ServerUrl, report: &Report) -> Outcome {
    let name = data.display_name(setup.name.as_deref())?;
    let key = data.identity()?.for_origin(server.origin()).key();
    let (mark, url, folder) = (key.mark(), server.as_str(), data.folder().display().to_string());
    let text = format!("{name} ({mark} at {url})");
    report.result(&text, || {
        json!({
            "v": 1, "t": "identity", "name": name, "mark": mark, "key": key.to_string(), "server": url,
            "data": folder,
        })
    });
    report.note(&format!("At every server you have another mark. The secret behind all of them is in {folder}."));
    report.note("The name is the one for servers that you are new at; --name changes it at a server that you are at.");
    Ok(())
}

fn export(data: &DataDir, server: &ServerUrl, report: &Report) -> Outcome {
    let line = line::write(&data.identity()?, server.origin());
    report
        .note("Whoever has this line is you, in all your groups. Show it to your own devices only, and keep no copy.");
    report.note(
        "On the other device open it in a browser, if that is where this server's page is (--server names another \
                 one); or run `native-peer identity import`, and paste it when asked.",
    );
    report.result(&line, || json!({"v": 1, "t": "identity_secret", "line": line}));
    Ok(())
}

fn import(data: &DataDir, replace: bool, report: &Report) -> Outcome {
    if can_ask() {
        prompt("The line that `native-peer identity export` printed, or the link that a page showed: ");
    }
    let typed = read_pasted(line::is_whole)?;
    let identity = line::read(&typed)
        .map_err(|why| Failure::usage("this is not what `native-peer identity export` prints or a page shows", why))?;
    let (state, words) = match data.become_person(&identity, replace)? {
        Imported::Same => ("same", "You are this person here already.".to_owned()),
        Imported::Fresh => ("fresh", "You are this person here now, too.".to_owned()),
        Imported::Instead(old) => {
            let old = old.display();
            ("replaced", format!("You are this person here now, too. Whom you were before is kept in {old}."))
        }
    };
    report.object(|| json!({"v": 1, "t": "imported", "state": state}));
    report.note(&format!("{words} Your groups: native-peer group list"));
    Ok(())
}
