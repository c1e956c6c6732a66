//! Where a download ends up, and what it is called until then.

use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::iter;
use std::path::{Path, PathBuf};

use wire_protocol::text::file_name;

/// What a download is called while it is not complete, behind its name.
const UNFINISHED: &str = ".part";
/// A name on nearly every disk, bytes.
const NAME_BYTES_MAX: usize = 255;

/// Where a download ends up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// What is finished.
    pub path: PathBuf,
    /// Until then.
    pub part: PathBuf,
}

impl Target {
    /// With `.part` beside it.
    pub fn new(path: PathBuf) -> Self {
        let name = path.file_name().unwrap_or_default();
        let part = path.with_file_name(joined(name, UNFINISHED));
        Self { path, part }
    }

    /// `NAME`, `NAME (2)`, `NAME (3)`, …
    pub fn names(&self) -> impl Iterator<Item = Self> {
        let numbered = (2_u32..).map(|number| self.with_number(number));
        iter::once(self.clone()).chain(numbered)
    }

    fn with_number(&self, number: u32) -> Self {
        let mut end = OsString::from(format!(" ({number})"));
        if let Some(extension) = self.path.extension() {
            end.push(".");
            end.push(extension);
        }
        let stem = self.path.file_stem().unwrap_or_default();
        let mut name = cut(stem, NAME_BYTES_MAX.saturating_sub(end.len() + UNFINISHED.len())).into_owned();
        name.push(end);
        Self::new(self.path.with_file_name(name))
    }

    /// The folder that holds it.
    pub fn folder(&self) -> &Path {
        match self.path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        }
    }

    /// Equal for two that are one file on some disk.
    pub fn folded(&self) -> String {
        self.path.to_string_lossy().to_lowercase()
    }
}

/// `-o` and the name of the file's card → where to save. An existing folder or a path that ends with a separator is
/// a folder; so is every path when there are `several` files. Otherwise it is the file itself.
pub fn find_target(output: Option<&Path>, name: &str, several: bool) -> Target {
    // Whoever wrote the card: the name is made safe here, too, where it becomes a path.
    let name = file_name(name);
    let Some(output) = output else {
        return Target::new(PathBuf::from(name));
    };
    let ends_with_separator = output.as_os_str().to_string_lossy().ends_with(std::path::is_separator);
    // `..` names a folder, whether there is one or not.
    let names_a_file = output.file_name().is_some() && !ends_with_separator;
    if several || !names_a_file || output.is_dir() {
        Target::new(output.join(name))
    } else {
        Target::new(output.to_path_buf())
    }
}

/// A name with an end, its beginning cut if they do not fit together.
fn joined(name: &OsStr, end: &str) -> OsString {
    let mut name = cut(name, NAME_BYTES_MAX - end.len()).into_owned();
    name.push(end);
    name
}

fn cut(name: &OsStr, bytes_max: usize) -> Cow<'_, OsStr> {
    if name.len() <= bytes_max {
        return Cow::Borrowed(name);
    }
    let mut text = name.to_string_lossy().into_owned();
    text.truncate(text.floor_char_boundary(bytes_max));
    Cow::Owned(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn output_is_a_folder_if_it_is_one_or_ends_like_one() {
        let folder = tempfile::tempdir().unwrap();
        let existing = folder.path();
        assert_eq!(find_target(None, "a.bin", false).path, Path::new("a.bin"));
        assert_eq!(find_target(Some(existing), "a.bin", false).path, existing.join("a.bin"));
        assert_eq!(find_target(Some(Path::new("new/")), "a.bin", false).path, Path::new("new/a.bin"));
        assert_eq!(find_target(Some(Path::new("new")), "a.bin", false).path, Path::new("new"));
        assert_eq!(find_target(Some(Path::new("new")), "a.bin", true).path, Path::new("new/a.bin"));
        assert_eq!(find_target(Some(Path::new("new/..")), "a.bin", false).path, Path::new("new/../a.bin"));
        assert_eq!(find_target(Some(Path::new("x.mp4")), "a.bin", false).part, Path::new("x.mp4.part"));
        assert_eq!(find_target(None, "../.zshenv", false).path, Path::new("_._.zshenv"));
    }

    #[test]
    fn other_names_keep_the_extension() {
        let names: Vec<PathBuf> = Target::new("x/a.tar".into()).names().take(3).map(|target| target.path).collect();
        assert_eq!(names, [Path::new("x/a.tar"), Path::new("x/a (2).tar"), Path::new("x/a (3).tar")]);
    }

    #[test]
    fn every_name_fits_whatever_the_person_typed() {
        for name in ["a".repeat(255), "ж".repeat(127), format!("{}.mkv", "ж".repeat(125))] {
            for target in Target::new(name.clone().into()).names().take(12) {
                let part = target.part.to_str().expect("cut between two characters");
                assert!(part.len() <= NAME_BYTES_MAX && part.ends_with(UNFINISHED), "{part}");
                assert!(target.path.as_os_str().len() <= NAME_BYTES_MAX, "{}", target.path.display());
            }
            assert_eq!(Target::new(name.clone().into()).path, Path::new(&name));
        }
    }
}
