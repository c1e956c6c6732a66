//! `cargo xtask tidy`: what no compiler and no lint looks at. Each rule is a file; it says where, what, and what to do.

mod banned_words;
mod crates_table;
mod decisions;
mod doc_names;
mod echoing_docs;
mod file_length;
mod leftovers;
mod links;
mod module_style;
mod rust_text;
mod sentences;
mod spelling;
mod tree;
mod unwraps;

use std::path::Path;
use std::process::ExitCode;

use anyhow::Result;

use crate::workspace::Workspace;
use tree::Tree;

/// One place where a rule does not hold.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Below the workspace's folder, with `/`.
    file: String,
    /// From 1; 0: the whole file.
    line: usize,
    what: String,
    /// What to do.
    advice: String,
}

type Rule = fn(&Tree) -> Vec<Finding>;

const RULES: [Rule; 12] = [
    file_length::check,
    module_style::check,
    spelling::check,
    banned_words::check,
    doc_names::check,
    links::check,
    decisions::check,
    crates_table::check,
    echoing_docs::check,
    leftovers::check,
    unwraps::check,
    sentences::check,
];

/// `cargo xtask tidy`; the exit code is a failure if a rule does not hold somewhere.
pub fn perform(workspace: &Workspace) -> Result<ExitCode> {
    let findings = check(&workspace.root)?;
    for finding in &findings {
        println!("{finding}");
    }
    if findings.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("\n{} places to tidy", findings.len());
    Ok(ExitCode::FAILURE)
}

/// Every place in this repository where a rule does not hold.
pub fn check(root: &Path) -> Result<Vec<Finding>> {
    let tree = Tree::read(root)?;
    let mut findings: Vec<Finding> = RULES.iter().flat_map(|rule| rule(&tree)).collect();
    findings.sort();
    Ok(findings)
}

impl Finding {
    fn new(file: &str, line: usize, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line, what: what.into(), advice: advice.into() }
    }
}

impl std::fmt::Display for Finding {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line.max(1), self.what, self.advice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_finding_names_file_and_line_as_editors_read_them() {
        let finding = Finding::new("src/a.rs", 7, "too long", "split it");
        assert_eq!(finding.to_string(), "src/a.rs:7: too long: split it");
    }

    #[test]
    fn this_repository_is_tidy() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
        let findings: Vec<String> = check(root).unwrap().iter().map(Finding::to_string).collect();
        assert!(findings.is_empty(), "\n{}\n", findings.join("\n"));
    }
}
