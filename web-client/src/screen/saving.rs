//! What is said about saving a download where the person wants it.

use crate::format;
use crate::messages::{DownloadView, SaveAs, SavingStep, SavingView, Stage};
use crate::saving::Trouble;
use crate::storing::Place;
use crate::words::words;

/// Said of a finished download. A browser saves single files by itself; of a folder it asks nobody which of them.
pub fn finished_line(download: &DownloadView) -> Option<String> {
    match (&download.files, &download.saving) {
        (_, Some(_)) => None,
        (Some(_), None) => Some(words().saving_folder().to_string()),
        (None, None) => Some(words().files_given_to_browser().to_string()),
    }
}

/// The button that asks for a place.
pub fn button(save_as: SaveAs) -> String {
    let button = match save_as {
        SaveAs::File => words().saving_button_file(),
        SaveAs::Folder => words().saving_button_folder(),
        SaveAs::Zip => words().saving_button_zip(),
    };
    button.to_string()
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
    let (name, words, (kind, place)) = (&download.name, words(), place(saving));
    Some(match &saving.step {
        SavingStep::Waiting => words.saving_waits(kind, place).to_string(),
        SavingStep::Writing { done, total } => {
            words.saving_writes(kind, place, format::bytes(*done), format::bytes(*total)).to_string()
        }
        SavingStep::Saved { .. } if saving.place.is_none() => words.saving_handed_over(name).to_string(),
        SavingStep::Saved { left_out } => {
            let saved = words.saving_saved(name, kind, place).to_string();
            [Some(saved), left_out.clone()].into_iter().flatten().collect::<Vec<_>>().join(" ")
        }
        SavingStep::Failed { reason } => reason.clone(),
    })
}

/// What kind of place it is, as the messages call it, and its name.
fn place(saving: &SavingView) -> (&'static str, &str) {
    match (&saving.place, saving.save_as) {
        (None, _) => ("downloads", ""),
        (Some(place), SaveAs::Folder) => ("folder", place),
        (Some(place), SaveAs::File | SaveAs::Zip) => ("file", place),
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
    let words = words();
    let line = match trouble {
        Trouble::Refused => words.saving_refused(name),
        Trouble::NoRoom => words.saving_no_room(name),
        Trouble::InUse => words.saving_in_use(name),
        Trouble::PlaceGone => words.saving_place_gone(name),
        Trouble::Unreadable(what) => words.saving_unreadable(name, what),
        Trouble::NotKept => words.saving_not_kept(name),
        Trouble::Cancelled => words.saving_cancelled(name),
        Trouble::Other(what) => words.saving_other(name, what),
    };
    line.to_string()
}

/// What was saved is not there as it was, so that nobody can be served from it any more.
pub fn moved_line(name: &str) -> String {
    words().saving_moved(name).to_string()
}

/// Why the browser did not ask for a place. That the person changed their mind is no news.
pub fn picker_line(error: &str) -> Option<String> {
    match error {
        "AbortError" => None,
        "SecurityError" | "NotAllowedError" => Some(words().saving_not_asked().to_string()),
        other => Some(words().saving_not_asked_because(other).to_string()),
    }
}

/// Names that are said of what was left out.
const NAMES_MAX: usize = 3;

/// Files that a browser lets no page write, such as `.lnk` and `.url`.
pub fn left_out_line(names: &[String]) -> Option<String> {
    let first = names.iter().take(NAMES_MAX).cloned().collect::<Vec<_>>().join(", ");
    let more = if names.len() > NAMES_MAX { ", …" } else { "" };
    (!names.is_empty()).then(|| words().saving_left_out(names.len(), first + more).to_string())
}

/// How many files there are: the title of their list.
pub fn files_title(count: u32) -> String {
    words().saving_files(count).to_string()
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
