//! One word for one thing: what the glossary says not to write is in no name of the code.

use super::Finding;
use super::rust_text::{identifiers, words_of};
use super::tree::Tree;

const GLOSSARY: &str = "docs/glossary.md";
const HEADING: &str = "## Words that we do not write";

pub fn check(tree: &Tree) -> Vec<Finding> {
    let banned = tree.find(GLOSSARY).map(|page| table(&page.text)).unwrap_or_default();
    if banned.is_empty() {
        return vec![Finding::new(
            GLOSSARY,
            0,
            format!("no table under `{HEADING}`"),
            "say which words are not written",
        )];
    }
    let mut findings = Vec::new();
    for source in tree.rust() {
        for (line, name) in identifiers(&source.text) {
            let words = words_of(&name);
            if let Some((word, instead)) = banned.iter().find(|(word, _)| words.contains(word)) {
                let what = format!("`{name}` has the word \"{word}\"");
                findings.push(Finding::new(&source.path, line, what, format!("write {instead}")));
            }
        }
    }
    findings
}

/// `| word, word | what to write |` below the heading.
fn table(page: &str) -> Vec<(String, String)> {
    let rows = page.lines().skip_while(|line| *line != HEADING).skip(1).take_while(|line| !line.starts_with("## "));
    let mut banned = Vec::new();
    // The first two rows are the table's head.
    for row in rows.filter(|line| line.starts_with('|')).skip(2) {
        let mut cells = row.trim_matches('|').split('|').map(str::trim);
        let (Some(words), Some(instead)) = (cells.next(), cells.next()) else { continue };
        banned.extend(words.split(", ").map(|word| (word.to_lowercase(), instead.to_owned())));
    }
    banned
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    const PAGE: &str = "# Glossary\n\n| word | meaning |\n|---|---|\n| peer | a program |\n\n## Words that we do not write\n\n\
                        | not | but |\n|---|---|\n| uploader, downloader | seeder, leecher |\n";

    #[test]
    fn a_banned_word_is_found_in_names_of_any_case() {
        let code = "struct FastUploader;\nconst DOWNLOADERS: u8 = 1;\nfn a_downloader() {} // uploader\nlet peer = \"uploader\";";
        let findings = check(&sample(&[(GLOSSARY, PAGE), ("a.rs", code)]));
        let found: Vec<_> = findings.iter().map(|finding| (finding.line, finding.advice.as_str())).collect();
        assert_eq!(found, [(1, "write seeder, leecher"), (3, "write seeder, leecher")]);
    }

    #[test]
    fn a_glossary_without_the_table_is_found() {
        assert_eq!(check(&sample(&[(GLOSSARY, "# Glossary\n")])).len(), 1);
    }
}
