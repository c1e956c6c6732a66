//! A file has one idea, and fits into a head: at most 400 lines. (A function's length is clippy's matter.)

use super::Finding;
use super::tree::Tree;

const LINES_MAX: usize = 400;

/// Longer ones, and why.
const ALLOWED: [(&str, &str); 0] = [];

pub fn check(tree: &Tree) -> Vec<Finding> {
    check_but(tree, &ALLOWED)
}

fn check_but(tree: &Tree, allowed: &[(&str, &str)]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust() {
        let lines = source.text.lines().count();
        let is_allowed = allowed.iter().any(|(path, _)| *path == source.path);
        if lines > LINES_MAX && !is_allowed {
            let what = format!("{lines} lines, {LINES_MAX} are allowed");
            findings.push(Finding::new(&source.path, 0, what, "move one of its ideas into a file of its own"));
        }
        if lines <= LINES_MAX && is_allowed {
            findings.push(Finding::new(&source.path, 0, "is short now", "take it out of the list in file_length.rs"));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn a_file_of_401_lines_is_too_long() {
        let (short, long) = ("\n".repeat(400), "\n".repeat(401));
        let tree = sample(&[("short.rs", &short), ("long.rs", &long), ("long.md", &long)]);
        let findings = check_but(&tree, &[]);
        assert_eq!(findings.len(), 1);
        assert_eq!(findings[0].file, "long.rs");
        assert!(check_but(&tree, &[("long.rs", "a table")]).is_empty());
    }

    #[test]
    fn an_exception_that_is_needed_no_longer_is_found() {
        let tree = sample(&[("short.rs", "")]);
        assert_eq!(check_but(&tree, &[("short.rs", "a table")])[0].what, "is short now");
    }
}
