//! README's table has a row for every member of the workspace, and no other.

use super::Finding;
use super::tree::Tree;

const README: &str = "README.md";
const MANIFEST: &str = "Cargo.toml";
const TABLE: &str = "| folder | what it is |";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let (Some(readme), Some(manifest)) = (tree.find(README), tree.find(MANIFEST)) else {
        return vec![Finding::new(README, 0, "README.md or Cargo.toml is missing", "bring it back")];
    };
    let (listed, members) = (listed(&readme.text), members(&manifest.text));
    let mut findings = Vec::new();
    for (line, member) in &members {
        if !listed.iter().any(|(_, folder)| folder == member) {
            let what = format!("`{member}` is not in the table of README.md");
            findings.push(Finding::new(MANIFEST, *line, what, "add a row"));
        }
    }
    for (line, folder) in &listed {
        if !members.iter().any(|(_, member)| folder == member) && !tree.has(folder) {
            findings.push(Finding::new(README, *line, format!("there is no `{folder}`"), "remove the row"));
        }
    }
    findings
}

/// The back-ticked folders of the table's first column, with their lines.
fn listed(readme: &str) -> Vec<(usize, String)> {
    let rows =
        numbered(readme).skip_while(|(_, line)| *line != TABLE).skip(2).take_while(|(_, line)| line.starts_with('|'));
    let folder = |line: &str| Some(line.split('`').nth(1)?.trim_end_matches('/').to_owned());
    rows.filter_map(|(number, line)| Some((number, folder(line)?))).collect()
}

/// The strings of `members = […]`, with their lines.
fn members(manifest: &str) -> Vec<(usize, String)> {
    let lines =
        numbered(manifest).skip_while(|(_, line)| *line != "members = [").skip(1).take_while(|(_, line)| *line != "]");
    lines.filter_map(|(number, line)| Some((number, line.split('"').nth(1)?.to_owned()))).collect()
}

fn numbered(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.lines().enumerate().map(|(number, line)| (number + 1, line))
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn rows_and_members_are_compared_both_ways() {
        let manifest = "[workspace]\nmembers = [\n    \"native-peer\",\n    \"crates/new\",\n]\n";
        let readme =
            "| folder | what it is |\n|---|---|\n| `native-peer/` | a |\n| `crates/old` | b |\n| `fuzz/` | c |\n";
        let tree = sample(&[(MANIFEST, manifest), (README, readme), ("fuzz/Cargo.toml", "")]);
        let findings = check(&tree);
        let found: Vec<_> = findings.iter().map(|finding| (finding.file.as_str(), finding.line)).collect();
        assert_eq!(found, [(MANIFEST, 4), (README, 4)]);
    }
}
