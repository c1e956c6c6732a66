//! The files of this repository, as the rules see them.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A file of text.
#[derive(Debug)]
pub struct Source {
    /// Below the workspace's folder, with `/`.
    pub path: String,
    pub text: String,
}

/// All of them.
#[derive(Debug, Default)]
pub struct Tree {
    pub sources: Vec<Source>,
    /// Files that are no text.
    others: Vec<String>,
}

impl Tree {
    /// What git has, and what it would take; so nothing of `target`.
    pub fn read(root: &Path) -> Result<Self> {
        let mut git = Command::new("git");
        git.current_dir(root).args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"]);
        let output = git.output().context("cannot run git")?;
        if !output.status.success() {
            bail!("git ls-files: {}", String::from_utf8_lossy(&output.stderr));
        }
        let list = String::from_utf8(output.stdout).context("a file's name is no text")?;
        let mut tree = Self::default();
        for path in list.split_terminator('\0') {
            // Removed, and git not told yet.
            let Ok(bytes) = std::fs::read(root.join(path)) else { continue };
            match String::from_utf8(bytes) {
                Ok(text) => tree.sources.push(Source { path: path.to_owned(), text }),
                Err(_) => tree.others.push(path.to_owned()),
            }
        }
        Ok(tree)
    }

    /// The Rust files.
    pub fn rust(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.path.ends_with(".rs"))
    }

    /// The pages that people read.
    pub fn pages(&self) -> impl Iterator<Item = &Source> {
        self.sources.iter().filter(|source| source.path.ends_with(".md"))
    }

    pub fn find(&self, path: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.path == path)
    }

    pub fn paths(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| &source.path).chain(&self.others).map(String::as_str)
    }

    /// A file or a folder.
    pub fn has(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        self.paths().any(|file| file.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/')))
    }
}

impl Source {
    /// Only tests are compiled from it.
    pub fn is_of_tests(&self) -> bool {
        self.path.contains("/tests/") || self.path.ends_with("tests.rs") || self.path.starts_with("tests/")
    }

    /// The line, from 0, where a file's own tests begin.
    pub fn tests_begin(&self) -> usize {
        self.text.lines().position(is_for_tests).unwrap_or(usize::MAX)
    }
}

/// `#[cfg(test)]`, `#[cfg(all(test, unix))]`
fn is_for_tests(line: &str) -> bool {
    let condition = line.trim().strip_prefix("#[cfg(").unwrap_or_default();
    !condition.contains("not(test") && condition.split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
}

/// Samples for the rules' tests.
#[cfg(test)]
pub fn sample(files: &[(&str, &str)]) -> Tree {
    let source = |(path, text): &(&str, &str)| Source { path: (*path).to_owned(), text: (*text).to_owned() };
    Tree { sources: files.iter().map(source).collect(), others: Vec::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_files_own_tests_begin_at_their_condition() {
        let begin = |text: &str| sample(&[("a.rs", text)]).sources[0].tests_begin();
        assert_eq!(begin("fn a() {}\n#[cfg(test)]\nmod tests {}"), 1);
        assert_eq!(begin("#[cfg(all(test, unix))]\nmod tests {}"), 0);
        assert_eq!(begin("#[cfg(unix)]\nfn a() {}\n#[cfg(not(test))]\nfn b() {}"), usize::MAX);
    }

    #[test]
    fn folders_are_there_by_their_files() {
        let tree = sample(&[("crates/wire/src/lib.rs", "")]);
        assert!(tree.has("crates/wire/") && tree.has("crates/wire/src/lib.rs"));
        assert!(!tree.has("crates/wir"));
    }
}
