//! One spelling of one word: dial, dialed, dialer, dialing.

use super::Finding;
use super::tree::Tree;

/// The other spelling begins so, and goes on with one of the two letters.
const BRITISH: &str = "diall";
const GOES_ON: [char; 2] = ['e', 'i'];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust().chain(tree.pages()) {
        for (number, line) in source.text.lines().enumerate() {
            let lower = line.to_lowercase();
            let is_found = lower.match_indices(BRITISH).any(|(at, _)| lower[at + BRITISH.len()..].starts_with(GOES_ON));
            if is_found {
                let advice = "write dialed, dialer, dialing";
                findings.push(Finding::new(&source.path, number + 1, "the other spelling of dial", advice));
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
    fn the_other_spelling_is_found_in_code_and_pages() {
        let bad = format!("fn a() {{}}\nstruct D{}ed;", &BRITISH[1..]);
        let tree = sample(&[
            ("bad.rs", &bad),
            ("good.rs", "dialed dialer dialing redial"),
            ("bad.md", &format!("{BRITISH}ing")),
        ]);
        let found: Vec<_> = check(&tree).into_iter().map(|finding| (finding.file, finding.line)).collect();
        assert_eq!(found, [("bad.rs".to_owned(), 2), ("bad.md".to_owned(), 1)]);
    }
}
