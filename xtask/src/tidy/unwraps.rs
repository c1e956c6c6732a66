//! `unwrap` is for tests. Clippy sees that in the workspace; this also sees the fuzz targets, examples and what
//! somebody allowed.

use super::Finding;
use super::rust_text::{Blank, blank};
use super::tree::Tree;

const UNWRAPS: [&str; 2] = [".unwrap()", ".unwrap_err()"];
const LINT: &str = "clippy::unwrap_used";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust().filter(|source| !source.is_of_tests()) {
        let code = blank(&source.text, Blank::CommentsAndTexts);
        for (number, line) in code.lines().enumerate().take(source.tests_begin()) {
            if UNWRAPS.iter().any(|unwrap| line.contains(unwrap)) || line.contains(LINT) {
                let advice = "write expect(\"why it cannot fail\"), or hand the error on";
                findings.push(Finding::new(&source.path, number + 1, "`unwrap` outside tests", advice));
            }
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn unwrap_is_found_outside_tests_only() {
        let bad = "fn a() { b().unwrap(); }\n// c.unwrap()\n#[cfg(test)]\nmod tests { fn d() { e().unwrap(); } }";
        let tree = sample(&[("src/bad.rs", bad), ("crates/x/tests/it/main.rs", "a.unwrap()")]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.file, finding.line)).collect();
        assert_eq!(found, [("src/bad.rs".to_owned(), 1)]);
    }

    #[test]
    fn allowing_it_is_found_too() {
        let tree = sample(&[("src/bad.rs", "#![allow(clippy::unwrap_used)]")]);
        assert_eq!(check(&tree).len(), 1);
    }
}
