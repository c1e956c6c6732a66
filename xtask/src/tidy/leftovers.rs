//! Nothing is left for later in the code: it is done, or it is an issue.

use super::Finding;
use super::rust_text::{Blank, blank};
use super::tree::Tree;

/// In comments; written apart, so that this file is clean.
const MARKS: [&str; 4] = [concat!("TO", "DO"), concat!("FIX", "ME"), concat!("XX", "X"), concat!("HA", "CK")];
/// In code.
const CALLS: [&str; 4] =
    [concat!("dbg", "!("), concat!("todo", "!("), concat!("unimplemented", "!("), concat!("#[ig", "nore")];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust() {
        let code = blank(&source.text, Blank::CommentsAndTexts);
        for (number, (line, code)) in source.text.lines().zip(code.lines()).enumerate() {
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
            let mark = MARKS.iter().find(|mark| words.contains(mark));
            let call = CALLS.iter().find(|call| code.contains(**call));
            if let Some(found) = mark.or(call) {
                let what = format!("`{found}` is left");
                findings.push(Finding::new(&source.path, number + 1, what, "do it, or remove it and file an issue"));
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
    fn marks_and_calls_are_found() {
        let bad = format!("// {}: later\nlet a = {}b);\n{}]\n", MARKS[0], CALLS[0], CALLS[3]);
        let good = format!("let a = \"{}\"; // dbg, todo and ignore are words\nlet TODOS = 1;", CALLS[0]);
        let findings = check(&sample(&[("bad.rs", &bad), ("good.rs", &good)]));
        let lines: Vec<_> = findings.iter().map(|finding| (finding.file.as_str(), finding.line)).collect();
        assert_eq!(lines, [("bad.rs", 1), ("bad.rs", 2), ("bad.rs", 3)]);
    }
}
