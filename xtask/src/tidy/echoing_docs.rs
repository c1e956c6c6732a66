//! A comment that only repeats the name helps nobody: `/// The group.` above `group: GroupId`.

use super::Finding;
use super::rust_text::words_of;
use super::tree::{Source, Tree};

/// Longer comments say something.
const WORDS_MAX: usize = 2;
const ARTICLES: [&str; 6] = ["the", "a", "an", "its", "this", "their"];
/// What may stand between the comment and the name.
const BEFORE_NAMES: [&str; 13] = [
    "pub",
    "pub(crate)",
    "pub(super)",
    "const",
    "static",
    "async",
    "unsafe",
    "fn",
    "struct",
    "enum",
    "trait",
    "mod",
    "type",
];

pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.rust().flat_map(in_file).collect()
}

fn in_file(source: &Source) -> Vec<Finding> {
    let lines: Vec<&str> = source.text.lines().map(str::trim).collect();
    let mut findings = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let Some(said) = line.strip_prefix("/// ") else { continue };
        let is_longer = at.checked_sub(1).is_some_and(|above| lines[above].starts_with("///"))
            || lines.get(at + 1).is_some_and(|below| below.starts_with("///"));
        let item = lines[at + 1..].iter().find(|line| !line.starts_with("#["));
        if !is_longer && item.is_some_and(|item| is_echo(said, item)) {
            let advice = "say what the name does not (unit, range, why), or remove it";
            findings.push(Finding::new(&source.path, at + 1, format!("\"{said}\" repeats the name"), advice));
        }
    }
    findings
}

fn is_echo(said: &str, item: &str) -> bool {
    let said = said.trim_end_matches('.').to_lowercase();
    let said: Vec<&str> = said.split_whitespace().filter(|word| !ARTICLES.contains(word)).collect();
    if said.is_empty() || said.len() > WORDS_MAX {
        return false;
    }
    let (name, kind) = name_and_type(item);
    [name, kind].into_iter().any(|name| words_of(name) == said)
}

/// `pub group: GroupId,` → `group`, `GroupId`
fn name_and_type(item: &str) -> (&str, &str) {
    let mut words = item.split(|c: char| c.is_whitespace() || "({<;,=".contains(c)).filter(|word| !word.is_empty());
    let mut name = words.next().unwrap_or_default();
    while BEFORE_NAMES.contains(&name) || name == "pub" {
        match words.next() {
            // What stands in parentheses behind `pub`.
            Some(word) => name = word.trim_end_matches(')'),
            None => return ("", ""),
        }
        if ["crate", "super"].contains(&name) {
            name = "pub";
        }
    }
    let kind = if name.ends_with(':') { words.next().unwrap_or_default() } else { "" };
    (name.trim_end_matches(':'), kind)
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn a_comment_that_repeats_name_or_type_is_found() {
        for bad in [
            "/// The group.\npub group: GroupId,",
            "/// The file card.\ncard: FileCard,",
            "/// Reply.\n#[derive(Debug)]\npub struct Reply;",
            "/// The url.\npub(crate) fn url(&self) -> &str {",
            "/// The link.\nLink(LinkKey),",
        ] {
            assert_eq!(check(&sample(&[("a.rs", bad)])).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_comment_that_says_something_is_not() {
        for good in [
            "/// Bytes per second.\nrate: u64,",
            "/// The group.\n///\n/// # Errors\n/// If it is gone.\nfn group() {}",
            "/// Who asks.\ngroup: GroupId,",
            "// The group.\nlet group = 1;",
        ] {
            assert!(check(&sample(&[("a.rs", good)])).is_empty(), "{good}");
        }
    }
}
