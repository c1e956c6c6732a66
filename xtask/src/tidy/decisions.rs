//! The decisions are numbered without gaps, in their names and in their titles.

use super::Finding;
use super::tree::{Source, Tree};

const FOLDER: &str = "docs/decisions/";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut pages: Vec<&Source> = tree.pages().filter(|page| page.path.starts_with(FOLDER)).collect();
    pages.sort_by_key(|page| &page.path);
    let mut findings = Vec::new();
    for (page, expected) in pages.into_iter().zip(1_usize..) {
        let name = &page.path[FOLDER.len()..];
        if !name.starts_with(&format!("{expected:04}-")) {
            let advice = format!("the next number is {expected:04}");
            findings.push(Finding::new(&page.path, 0, "a gap, or a number twice", advice));
            // All that follow are off by the same.
            break;
        }
        let title = format!("# {expected}. ");
        if !page.text.starts_with(&title) {
            findings.push(Finding::new(&page.path, 1, "the title has another number", format!("begin with `{title}`")));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    #[test]
    fn gaps_and_other_titles_are_found() {
        let page = |name: &str| format!("{FOLDER}{name}.md");
        let (one, two, three) = (page("0001-a"), page("0002-b"), page("0003-c"));
        assert!(check(&sample(&[(&one, "# 1. A"), (&two, "# 2. B")])).is_empty());
        assert_eq!(check(&sample(&[(&one, "# 1. A"), (&three, "# 3. C")]))[0].file, three);
        assert_eq!(check(&sample(&[(&one, "# 1. A"), (&two, "# 3. B")]))[0].line, 1);
    }
}
