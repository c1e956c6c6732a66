//! What is said about saving a download where the person wants it.

use crate::format;
use crate::messages::{DownloadView, SaveAs, SavingStep, SavingView, Stage};
use crate::saving::Trouble;
use crate::screen::files::SAVE_LINE;
use crate::storing::Place;

/// Said of a finished folder: a browser saves single files by itself, and asks nobody which of them.
const FOLDER_LINE: &str = "All of it is in this browser. Choose how to save it.";

/// Said of a finished download.
pub fn finished_line(download: &DownloadView) -> Option<&'static str> {
    match (&download.files, &download.saving) {
        (_, Some(_)) => None,
        (Some(_), None) => Some(FOLDER_LINE),
        (None, None) => Some(SAVE_LINE),
    }
}

/// Behind a button that is pressed before all is here.
pub const EARLY_LINE: &str = "You may choose now: it is saved by itself when all of it is here.";

/// The button that asks for a place.
pub fn button(save_as: SaveAs) -> &'static str {
    match save_as {
        SaveAs::File => "Save to …",
        SaveAs::Folder => "Save in a folder …",
        SaveAs::Zip => "Save as ZIP",
    }
}

/// `data-testid` of that button.
pub fn button_id(save_as: SaveAs) -> &'static str {
    match save_as {
        SaveAs::File => "save-to",
        SaveAs::Folder => "save-folder",
        SaveAs::Zip => "save-zip",
    }
}

/// As in `data-saving`.
pub fn state(download: &DownloadView) -> Option<String> {
    let state = match download.saving.as_ref()?.step {
        SavingStep::Waiting => "waiting",
        SavingStep::Writing { .. } => "writing",
        SavingStep::Saved { .. } => "saved",
        SavingStep::Failed { .. } => "failed",
    };
    Some(state.to_owned())
}

/// How it stands: one sentence or two.
pub fn line(download: &DownloadView) -> Option<String> {
    let saving = download.saving.as_ref()?;
    let name = &download.name;
    Some(match &saving.step {
        SavingStep::Waiting => format!("It is saved {} by itself when all of it is here.", place(saving)),
        SavingStep::Writing { done, total } => {
            format!("Saving {}: {} of {}.", place(saving), format::bytes(*done), format::bytes(*total))
        }
        SavingStep::Saved { left_out } => {
            let left_out = left_out.as_deref().map(|left_out| format!(" {left_out}")).unwrap_or_default();
            match saving.place {
                Some(_) => format!("{name} is saved {}.{left_out}", place(saving)),
                None => format!("{name} was given to your browser to save."),
            }
        }
        SavingStep::Failed { reason } => reason.clone(),
    })
}

fn place(saving: &SavingView) -> String {
    match (&saving.place, saving.save_as) {
        (None, _) => "in your downloads".to_owned(),
        (Some(place), SaveAs::Folder) => format!("in the folder {place}"),
        (Some(place), SaveAs::File | SaveAs::Zip) => format!("as {place}"),
    }
}

/// Per cent, while it is written.
pub fn percent(download: &DownloadView) -> Option<u8> {
    match download.saving.as_ref()?.step {
        SavingStep::Writing { done, total } => Some(format::percent(done, total).min(99)),
        _ => None,
    }
}

/// Whether it is on its way, or waits: then it may be cancelled, and nothing else is begun.
pub fn is_under_way(download: &DownloadView) -> bool {
    let step = download.saving.as_ref().map(|saving| &saving.step);
    matches!(step, Some(SavingStep::Waiting | SavingStep::Writing { .. }))
}

/// Whether something would be lost with the tab: it is being saved, or a folder is in memory and nowhere else.
pub fn needs_tab(download: &DownloadView) -> bool {
    let is_saved = matches!(&download.saving, Some(SavingView { step: SavingStep::Saved { .. }, .. }));
    let is_in_memory = matches!(download.place, Some(Place::Memory(_)));
    is_under_way(download) || download.files.is_some() && is_in_memory && !is_saved
}

/// Whether the finished file goes to the browser's downloads by itself: one file does, unless the person chose a place.
pub fn goes_to_downloads(download: &DownloadView) -> bool {
    download.files.is_none() && download.saving.is_none() && matches!(download.stage, Stage::Done { .. })
}

/// Why it was not saved, and what to do.
pub fn trouble_line(name: &str, trouble: &Trouble) -> String {
    match trouble {
        Trouble::Refused => format!(
            "{name} was not saved: the browser was not allowed to write there. Press the button again and say yes, or \
             choose another place."
        ),
        Trouble::NoRoom => format!(
            "{name} was not saved: the disk is full. Free some space and press the button again, or choose another place. \
             What was downloaded is still here."
        ),
        Trouble::InUse => format!(
            "{name} was not saved: the file is open in another program. Close it there and press the button again, or \
             choose another name."
        ),
        Trouble::PlaceGone => format!(
            "{name} was not saved: the place was moved, renamed or removed meanwhile. Press the button again and choose \
             another one."
        ),
        Trouble::Unreadable(what) => format!(
            "{name} was not saved: this browser cannot read what it has downloaded ({what}). Load the page again: what is \
             there is checked, and the rest is fetched again."
        ),
        Trouble::NotKept => format!(
            "{name} was written and is not there as it should be. What was downloaded is still in this browser: choose \
             another place."
        ),
        Trouble::Cancelled => {
            format!("Saving {name} was cancelled. Files that were whole by then stay where they are.")
        }
        Trouble::Other(what) => format!(
            "{name} was not saved: the browser refused ({what}). Choose another place, or save it as a ZIP archive or file \
             by file."
        ),
    }
}

/// What was saved is not there as it was, so that nobody can be served from it any more.
pub fn moved_line(name: &str) -> String {
    format!(
        "{name} was changed, moved or removed after it was saved, so nobody gets it from this tab any more. Drop it on this \
         page to share it again."
    )
}

/// Why the browser did not ask for a place. That the person changed their mind is no news.
pub fn picker_line(error: &str) -> Option<String> {
    match error {
        "AbortError" => None,
        "SecurityError" | "NotAllowedError" => {
            Some("The browser did not ask for a place. Press the button once more, or use another one.".to_owned())
        }
        other => Some(format!("The browser did not ask for a place ({other}). Use another button.")),
    }
}

/// Names that are said of what was left out.
const NAMES_MAX: usize = 3;

/// Files that a browser lets no page write, such as `.lnk` and `.url`.
pub fn left_out_line(names: &[String]) -> Option<String> {
    let first = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > NAMES_MAX { ", …" } else { "" };
    let what = match names.len() {
        0 => return None,
        1 => "1 file was left out".to_owned(),
        count => format!("{count} files were left out"),
    };
    Some(format!(
        "{what} ({first}{more}), since this browser lets no page write files of such names: save them one by one, or as a ZIP \
         archive."
    ))
}

/// How many files there are: the title of their list.
pub fn files_title(count: u32) -> String {
    if count == 1 { "1 file".to_owned() } else { format!("{count} files") }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn saving(save_as: SaveAs, place: Option<&str>, step: SavingStep) -> DownloadView {
        let saving = SavingView { save_as, place: place.map(str::to_owned), step };
        DownloadView { saving: Some(saving), ..crate::screen::tests::done_download("season") }
    }

    #[test]
    fn each_step_is_said_with_its_place() {
        let waits = saving(SaveAs::Folder, Some("Films"), SavingStep::Waiting);
        assert_eq!(line(&waits).unwrap(), "It is saved in the folder Films by itself when all of it is here.");
        let writes = saving(SaveAs::Zip, None, SavingStep::Writing { done: 1_000_000, total: 3_000_000 });
        assert_eq!(line(&writes).unwrap(), "Saving in your downloads: 1.00 MB of 3.00 MB.");
        assert_eq!((percent(&writes), percent(&waits)), (Some(33), None));
        assert!(is_under_way(&writes) && is_under_way(&waits));
        let saved = saving(SaveAs::File, Some("a.mkv"), SavingStep::Saved { left_out: None });
        assert_eq!(line(&saved).unwrap(), "season is saved as a.mkv.");
        assert!(!is_under_way(&saved));
    }

    #[test]
    fn each_trouble_has_a_sentence_of_its_own_with_a_way_on() {
        use Trouble::*;
        let unreadable = Unreadable("NotReadableError".to_owned());
        let all = [Refused, NoRoom, InUse, PlaceGone, unreadable, NotKept, Cancelled, Other("TypeError".to_owned())];
        let lines: BTreeSet<_> = all.iter().map(|trouble| trouble_line("a.mkv", trouble)).collect();
        assert_eq!(lines.len(), all.len());
        assert!(lines.iter().all(|line| line.contains("a.mkv") && line.ends_with('.')));
    }

    #[test]
    fn a_closed_picker_is_no_news() {
        assert_eq!(picker_line("AbortError"), None);
        assert!(picker_line("NotAllowedError").is_some());
    }

    #[test]
    fn what_was_left_out_is_counted_and_the_first_ones_named() {
        let names: Vec<_> = ["a.lnk", "b.lnk", "c.lnk", "d.lnk"].map(str::to_owned).into();
        assert_eq!(left_out_line(&names[..0]), None);
        assert!(left_out_line(&names[..1]).unwrap().starts_with("1 file was left out (a.lnk), "));
        assert!(left_out_line(&names).unwrap().starts_with("4 files were left out (a.lnk, b.lnk, c.lnk, …), "));
    }

    #[test]
    fn one_file_goes_to_the_downloads_by_itself_and_a_folder_does_not() {
        let download = crate::screen::tests::done_download("a.mkv");
        assert!(goes_to_downloads(&download));
        assert!(!goes_to_downloads(&saving(SaveAs::File, Some("a"), SavingStep::Waiting)));
        let files = Some(crate::messages::FilesView { count: 2, ready: vec![0xc0] });
        assert!(!goes_to_downloads(&DownloadView { files, ..download }));
    }

    #[test]
    fn a_tab_is_kept_while_it_saves_and_while_a_folder_is_nowhere_else() {
        use crate::storing::WhyMemory;
        assert!(needs_tab(&saving(SaveAs::File, Some("a"), SavingStep::Waiting)));
        let saved = saving(SaveAs::Zip, None, SavingStep::Saved { left_out: None });
        assert!(!needs_tab(&saved));
        let files = Some(crate::messages::FilesView { count: 2, ready: vec![0xc0] });
        let folder = |place| DownloadView { files: files.clone(), place: Some(place), saving: None, ..saved.clone() };
        assert!(needs_tab(&folder(Place::Memory(WhyMemory::Slow))));
        assert!(!needs_tab(&folder(Place::Disk)));
    }
}
