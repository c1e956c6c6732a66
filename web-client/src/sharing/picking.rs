//! What a person chose or dropped, sorted into single files and folders.

use serde::{Deserialize, Serialize};
use wire_protocol::control::NAME_CHARS_MAX;
use wire_protocol::text::{display_text, printable};

use crate::words::words;

/// Names that are said of what was left out.
const NAMES_MAX: usize = 3;
/// A name that is said, in characters.
const NAME_SHOWN_MAX: usize = 60;

/// One thing to share: a file, or a folder of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pick {
    /// As it is called on disk.
    pub name: String,
    /// Of a folder the path of each of its files below it; `None`: a single file.
    pub paths: Option<Vec<Vec<String>>>,
    /// Which of the given files these are, in the same order.
    pub files: Vec<usize>,
}

/// Sorts paths: one of a single part is a file by itself, others belong to the folder that is their first part. In the
/// order in which they were given.
pub fn picks(paths: &[Vec<String>]) -> Vec<Pick> {
    let mut picks: Vec<Pick> = Vec::new();
    for (file, path) in paths.iter().enumerate() {
        match path.as_slice() {
            [] => {}
            [name] => picks.push(Pick { name: name.clone(), paths: None, files: vec![file] }),
            [folder, below @ ..] => {
                let known = picks.iter_mut().rfind(|pick| pick.paths.is_some() && pick.name == *folder);
                match known {
                    Some(Pick { paths: Some(paths), files, .. }) => {
                        paths.push(below.to_vec());
                        files.push(file);
                    }
                    _ => {
                        let paths = Some(vec![below.to_vec()]);
                        picks.push(Pick { name: folder.clone(), paths, files: vec![file] });
                    }
                }
            }
        }
    }
    picks
}

/// Whether it is not taken along with its folder, as `native-peer` does not: systems keep things of their own under such
/// names. Whoever picks one by itself means it.
pub fn is_hidden(path: &[String]) -> bool {
    path.iter().skip(1).any(|part| part.starts_with('.'))
}

/// What a group is called that is made for these, until somebody thinks of something better.
pub fn group_name(picks: &[Pick]) -> String {
    let Some(first) = picks.first() else {
        return String::new();
    };
    let name = match (&first.paths, first.name.rsplit_once('.')) {
        (None, Some((stem, _))) if !stem.is_empty() => stem,
        _ => &first.name,
    };
    let named = |name: &str| match picks.len() {
        1 => name.to_owned(),
        count => words().picking_and_more(name, count - 1).to_string(),
    };
    let room = NAME_CHARS_MAX - named("").chars().count();
    let name = display_text(name, room);
    if name.is_empty() { words().picking_shared_files().to_string() } else { named(&name) }
}

/// What was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LeftOut {
    hidden: Names,
    unreadable: Names,
}

/// How many there are, and what the first ones are called.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
struct Names {
    count: u32,
    first: Vec<String>,
}

impl Names {
    fn add(&mut self, path: &[String]) {
        self.count += 1;
        if self.first.len() < NAMES_MAX {
            self.first.push(printable(&path.join("/"), NAME_SHOWN_MAX));
        }
    }

    fn list(&self) -> String {
        let more = if self.count as usize > self.first.len() { ", …" } else { "" };
        self.first.join(", ") + more
    }
}

impl LeftOut {
    /// See [`is_hidden`].
    pub fn add_hidden(&mut self, path: &[String]) {
        self.hidden.add(path);
    }

    /// The browser cannot look into it.
    pub fn add_unreadable(&mut self, path: &[String]) {
        self.unreadable.add(path);
    }

    /// For the person; `None`: everything was taken.
    pub fn sentence(&self) -> Option<String> {
        let hidden = || words().picking_hidden(self.hidden.count, self.hidden.list()).to_string();
        let unreadable = || words().picking_unreadable(self.unreadable.count, self.unreadable.list()).to_string();
        let line = match (self.hidden.count, self.unreadable.count) {
            (0, 0) => return None,
            (_, 0) => words().picking_left_out(hidden()),
            (0, _) => words().picking_left_out(unreadable()),
            _ => words().picking_left_out_both(hidden(), unreadable()),
        };
        Some(line.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paths(paths: &[&str]) -> Vec<Vec<String>> {
        paths.iter().map(|path| path.split('/').map(str::to_owned).collect()).collect()
    }

    #[test]
    fn files_and_folders_are_told_apart_and_keep_their_order() {
        let picked = picks(&paths(&["a.txt", "season/1.mp4", "b.txt", "season/extras/2.mp4"]));
        let names: Vec<_> = picked.iter().map(|pick| (&pick.name[..], pick.files.clone())).collect();
        assert_eq!(names, [("a.txt", vec![0]), ("season", vec![1, 3]), ("b.txt", vec![2])]);
        assert_eq!(picked[1].paths, Some(paths(&["1.mp4", "extras/2.mp4"])));
        assert_eq!(picked[0].paths, None);
    }

    #[test]
    fn a_file_and_a_folder_of_one_name_stay_two_things() {
        assert_eq!(picks(&paths(&["x", "x/y", "x"])).len(), 3);
    }

    #[test]
    fn hidden_files_of_a_folder_are_left_out_and_a_hidden_file_by_itself_is_not() {
        assert!(is_hidden(&paths(&["season/.DS_Store"])[0]));
        assert!(is_hidden(&paths(&["season/.git/config"])[0]));
        assert!(!is_hidden(&paths(&[".profile"])[0]));
        assert!(!is_hidden(&paths(&[".config/app"])[0]), "whoever picks the folder means it");
    }

    #[test]
    fn what_was_left_out_is_counted_and_the_first_ones_named() {
        let mut left_out = LeftOut::default();
        assert_eq!(left_out.sentence(), None);
        paths(&["a/.x"]).iter().for_each(|path| left_out.add_hidden(path));
        assert_eq!(left_out.sentence().as_deref(), Some("Left out: 1 hidden file or folder (a/.x)."));
        paths(&["a/.y", "a/.z", "a/.w"]).iter().for_each(|path| left_out.add_hidden(path));
        left_out.add_unreadable(&paths(&["a/b"])[0]);
        assert_eq!(
            left_out.sentence().as_deref(),
            Some("Left out: 4 hidden files or folders (a/.x, a/.y, a/.z, …), and 1 that cannot be read (a/b).")
        );
    }

    #[test]
    fn a_group_is_called_after_what_it_is_made_for() {
        let named = |names: &[&str]| group_name(&picks(&paths(names)));
        assert_eq!(named(&["movie.mp4"]), "movie");
        assert_eq!(named(&["my.season/1.mp4"]), "my.season");
        assert_eq!(named(&["movie.mp4", "b", "c"]), "movie and 2 more");
        assert_eq!(named(&[".profile"]), ".profile");
        assert_eq!(named(&["\u{202e}.txt"]), "Shared files");
        assert_eq!(named(&[&"x".repeat(500)]).chars().count(), NAME_CHARS_MAX);
    }
}
