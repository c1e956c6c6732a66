//! What stands between back-ticks in a page is in the repository: a name, a path, a flag. A rename is finished in
//! the pages too.

use std::collections::HashSet;

use super::Finding;
use super::rust_text::{Blank, blank};
use super::tree::Tree;

/// Words of the field, of other programs and of examples, which no code of ours has.
const ALLOWED: [&str; 3] = ["SEEK_DATA", "build-essential", "ut_metadata"];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let known = Known::of(tree);
    let mut findings = Vec::new();
    for page in tree.pages().filter(|page| is_checked(&page.path)) {
        for (line, span) in spans(&page.text) {
            if let Some(unknown) = known.first_unknown(&span) {
                let what = format!("`{unknown}` is nowhere in the code");
                let advice = "write the name of today, or add the word to the list in doc_names.rs";
                findings.push(Finding::new(&page.path, line, what, advice));
            }
        }
    }
    findings
}

fn is_checked(path: &str) -> bool {
    ["README.md", "ARCHITECTURE.md"].contains(&path) || path.starts_with("docs/") || path.starts_with("crates/")
}

/// Every word that is in a path or, comments aside, in a file that is no page.
struct Known(HashSet<String>);

impl Known {
    fn of(tree: &Tree) -> Self {
        let mut words = HashSet::new();
        for source in tree.sources.iter().filter(|source| !source.path.ends_with(".md")) {
            if source.path.ends_with(".rs") {
                words.extend(words_in(&blank(&source.text, Blank::Comments)).map(str::to_owned));
            } else {
                words.extend(words_in(&source.text).map(str::to_owned));
            }
        }
        words.extend(tree.paths().flat_map(|path| path.split(['/', '.'])).map(str::to_owned));
        words.extend(ALLOWED.map(str::to_owned));
        Self(words)
    }

    fn first_unknown<'a>(&self, span: &'a str) -> Option<&'a str> {
        words_in(span).find(|word| !self.knows(word))
    }

    fn knows(&self, word: &str) -> bool {
        // FILE and DIR stand for something; 16 and ff are figures.
        let is_placeholder = word.len() > 1 && word.chars().all(|c| c.is_ascii_uppercase());
        let is_byte = word.len() == 2 && word.chars().all(|c| c.is_ascii_hexdigit());
        let is_figure = is_byte || word.starts_with(|c: char| c.is_ascii_digit());
        let is_hyphenated = || word.contains('-') && word.split('-').all(|part| part.is_empty() || self.knows(part));
        is_placeholder
            || is_figure
            || self.0.contains(word)
            || self.0.contains(&word.replace('-', "_"))
            || is_hyphenated()
    }
}

fn words_in(text: &str) -> impl Iterator<Item = &str> {
    let words = text.split(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    words.map(|word| word.trim_matches('-')).filter(|word| word.contains(|c: char| c.is_alphabetic()))
}

/// What stands between back-ticks, with lines from 1; fenced blocks are drawings and examples.
fn spans(page: &str) -> Vec<(usize, String)> {
    let mut spans = Vec::new();
    let mut is_fenced = false;
    for (number, line) in page.lines().enumerate() {
        if line.trim_start().starts_with("```") {
            is_fenced = !is_fenced;
        } else if !is_fenced {
            spans.extend(line.split('`').skip(1).step_by(2).map(|span| (number + 1, span.to_owned())));
        }
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    fn findings(page: &str) -> Vec<String> {
        let code = "/// Gone.\npub fn poll_output(no_tcp: bool) -> Option<LinkKey> { \"covey-control.v1\" }";
        let tree = sample(&[("crates/engine/src/lib.rs", code), ("README.md", page)]);
        check(&tree).into_iter().map(|finding| finding.what).collect()
    }

    #[test]
    fn names_paths_and_flags_that_exist_are_fine() {
        for page in [
            "`poll_output`, `LinkKey`, `--no-tcp`, `covey-control.v1`",
            "`crates/engine/src/lib.rs` and `engine/`",
            "`--no-tcp=FILE` `16 * 1024` `aa*20`",
            "```\nanything()\n```",
        ] {
            assert!(findings(page).is_empty(), "{page}: {:?}", findings(page));
        }
    }

    #[test]
    fn what_was_renamed_or_is_in_a_comment_only_is_found() {
        for page in ["`poll_transmit`", "`Gone`", "`crates/engine/src/old.rs`", "`--with-tcp`", "`Engine::LinkKey`"] {
            assert_eq!(findings(page).len(), 1, "{page}: {:?}", findings(page));
        }
    }
}
