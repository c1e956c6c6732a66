//! A module with files of its own is `name/mod.rs`, everywhere.

use super::Finding;
use super::tree::Tree;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust() {
        let folder = source.path.trim_end_matches(".rs");
        let has_files =
            tree.rust().any(|other| other.path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/')));
        if has_files {
            let advice = format!("move it to {folder}/mod.rs");
            findings.push(Finding::new(&source.path, 0, "a module beside its folder", advice));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn a_module_beside_its_folder_is_found() {
        let tree = sample(&[
            ("src/good/mod.rs", ""),
            ("src/good/part.rs", ""),
            ("src/bad.rs", ""),
            ("src/bad/part.rs", ""),
            ("src/badly.rs", ""),
        ]);
        let findings = check(&tree);
        assert_eq!(findings.len(), 1);
        assert_eq!(
            (findings[0].file.as_str(), findings[0].advice.as_str()),
            ("src/bad.rs", "move it to src/bad/mod.rs")
        );
    }
}
