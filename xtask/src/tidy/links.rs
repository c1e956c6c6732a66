//! A page's links into this repository lead somewhere.

use super::Finding;
use super::tree::Tree;

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for page in tree.pages() {
        let folder = page.path.rsplit_once('/').map_or("", |(folder, _)| folder);
        for (number, line) in page.text.lines().enumerate() {
            for target in targets(line) {
                let path = join(folder, target.split('#').next().unwrap_or_default());
                if !target.contains(':') && !path.is_empty() && !tree.has(&path) {
                    let what = format!("the link to `{target}` leads nowhere");
                    findings.push(Finding::new(&page.path, number + 1, what, "mend it or remove it"));
                }
            }
        }
    }
    findings
}

/// What stands behind `](`.
fn targets(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split([')', ' ']).next())
}

/// The path below the workspace's folder; empty for a link within the page.
fn join(folder: &str, target: &str) -> String {
    if target.is_empty() {
        return String::new();
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            name => parts.push(name),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn a_link_that_leads_nowhere_is_found() {
        let good = "[a](../README.md#try), [b](https://rustup.rs), [c](#here), [d](decisions/), ![e](x.png)";
        let tree = sample(&[
            ("README.md", ""),
            ("docs/decisions/0001-a.md", "[f](../gone.md)\n[g](../good.md)"),
            ("docs/good.md", good),
            ("docs/x.png", ""),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.file, finding.line)).collect();
        assert_eq!(found, [("docs/decisions/0001-a.md".to_owned(), 1)]);
    }
}
