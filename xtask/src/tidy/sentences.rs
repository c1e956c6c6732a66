//! What the page says stands in `web-client/words`, in every language, and not in its code.

use super::Finding;
use super::rust_text::{Blank, blank, texts};
use super::tree::Tree;

const PAGE: &str = "web-client/src/";
/// Behind these stands what is for whoever mends the program, and for nobody else.
const NOT_SAID: [&str; 3] = ["expect(", "panic!(", "#[error("];

pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for source in tree.rust().filter(|source| source.path.starts_with(PAGE) && !source.is_of_tests()) {
        let code = blank(&source.text, Blank::Comments);
        for text in texts(&code).iter().filter(|text| text.line <= source.tests_begin()) {
            let is_said = !NOT_SAID.iter().any(|call| text.before.trim_end().ends_with(call));
            if is_said && is_sentence(text.inside) {
                let advice = "write it to web-client/words, in every language";
                findings.push(Finding::new(&source.path, text.line, "a sentence in the page's code", advice));
            }
        }
    }
    findings
}

/// Two words or more that begin large, or end as a sentence does. What goes to the console begins small and has no full
/// stop; addresses, headers and drawings have no words.
fn is_sentence(text: &str) -> bool {
    let said = without_places(text);
    let is_word = |word: &&str| word.len() > 1 && word.chars().all(char::is_alphabetic);
    let words = said.split_whitespace().map(|word| word.trim_matches(|c: char| c.is_ascii_punctuation()));
    let begins_large = said.trim_start().starts_with(char::is_uppercase);
    let ends = said.trim_end().ends_with(['.', '!', '?', '…']);
    words.filter(is_word).count() > 1 && (begins_large || ends)
}

/// `Coming from {people}.` → `Coming from .`
fn without_places(text: &str) -> String {
    let mut is_inside = false;
    let mut is_outside = |c: char| {
        is_inside = c == '{' || is_inside && c != '}';
        !is_inside && c != '}'
    };
    text.chars().filter(|c| is_outside(*c)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tree::sample;
    use super::*;

    fn found(path: &str, text: &str) -> Vec<usize> {
        check(&sample(&[(path, text)])).into_iter().map(|finding| finding.line).collect()
    }

    #[test]
    fn a_sentence_is_found_wherever_the_page_says_one() {
        let said = [
            "\"Drop to share\"",
            "format!(\"Coming from {people}.\")",
            "format!(\"{name} is complete.\")",
            "\"getting the list …\"",
            "\"Broken \\\n over two lines\"",
            "r#\"Say \"yes\" again\"#",
        ];
        for said in said {
            assert_eq!(found("web-client/src/screen/a.rs", &format!("fn a() {{\n{said}\n}}")), [2], "{said}");
        }
    }

    #[test]
    fn what_nobody_reads_is_none() {
        let others = [
            "// Drop to share.",
            "\"share-drop\"",
            "format!(\"M{x} {y}h{len}v1h-{len}z\")",
            "log(\"the browser did not forget a file\")",
            "log(&format!(\"a link is broken: {why}\"))",
            "\"text/vtt; charset=utf-8\"",
            "\"Safari 18\"",
            "a.expect(\"It is there.\")",
            "#[error(\"No room left.\")]",
            "format!(\"{first} {second}\")",
        ];
        for other in others {
            assert!(found("web-client/src/screen/a.rs", other).is_empty(), "{other}");
        }
    }

    #[test]
    fn tests_and_other_programs_may_say_what_they_want() {
        let said = "fn a() -> &'static str { \"Drop to share\" }";
        assert!(found("native-peer/src/a.rs", said).is_empty());
        assert!(found("web-client/src/screen/tests.rs", said).is_empty());
        let test = format!("{said}\n#[cfg(test)]\nmod tests {{ {said} }}");
        assert_eq!(found("web-client/src/sleep.rs", &test), [1]);
    }
}
