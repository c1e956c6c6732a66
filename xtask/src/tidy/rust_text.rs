//! Just enough of Rust's grammar to tell code from comments and texts.

/// What is not code.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Blank {
    /// Comments, documentation included.
    Comments,
    /// Comments, and what stands between quotes.
    CommentsAndTexts,
}

/// The same text with spaces in place of what is not code; line breaks stay.
pub fn blank(text: &str, what: Blank) -> String {
    let mut code = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (len, is_blank) = match token(rest) {
            Some((len, Token::Comment)) => (len, true),
            Some((len, Token::Text)) => (len, what == Blank::CommentsAndTexts),
            None => (word_len(rest).max(first.len_utf8()), false),
        };
        let (token, after) = rest.split_at(len);
        if is_blank {
            code.extend(token.chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
        } else {
            code.push_str(token);
        }
        rest = after;
    }
    code
}

/// A text between quotes.
#[derive(Debug, PartialEq, Eq)]
pub struct Text<'a> {
    /// From 1: where it begins.
    pub line: usize,
    /// The code before it.
    pub before: &'a str,
    pub inside: &'a str,
}

/// All of them, as they are written.
pub fn texts(code: &str) -> Vec<Text<'_>> {
    let (mut found, mut at, mut line) = (Vec::new(), 0, 1);
    while let Some(first) = code[at..].chars().next() {
        let rest = &code[at..];
        let (len, is_text) = match token(rest) {
            Some((len, kind)) => (len, matches!(kind, Token::Text)),
            None => (word_len(rest).max(first.len_utf8()), false),
        };
        let written = &rest[..len];
        // A quotation mark alone is a character.
        let inside = written.find('"').zip(written.rfind('"')).and_then(|(begin, end)| written.get(begin + 1..end));
        if let Some(inside) = inside.filter(|_| is_text) {
            found.push(Text { line, before: &code[..at], inside });
        }
        line += written.matches('\n').count();
        at += len;
    }
    found
}

/// Identifiers of code with their lines, from 1.
pub fn identifiers(text: &str) -> Vec<(usize, String)> {
    let code = blank(text, Blank::CommentsAndTexts);
    let mut found = Vec::new();
    for (number, line) in code.lines().enumerate() {
        let words = line.split(|c: char| !is_of_word(c));
        let names = words.filter(|word| word.starts_with(|c: char| c.is_alphabetic() || c == '_'));
        found.extend(names.map(|name| (number + 1, name.to_owned())));
    }
    found
}

/// `BlockLen`, `block_len` and `BLOCK_LEN` → `block`, `len`
pub fn words_of(name: &str) -> Vec<String> {
    let mut words = Vec::new();
    for part in name.split(['_', '-']).filter(|part| !part.is_empty()) {
        let mut word = String::new();
        let mut was_lower = false;
        for c in part.chars() {
            if c.is_uppercase() && was_lower {
                words.push(std::mem::take(&mut word));
            }
            was_lower = c.is_lowercase() || c.is_ascii_digit();
            word.extend(c.to_lowercase());
        }
        words.push(word);
    }
    words
}

enum Token {
    Comment,
    Text,
}

fn token(rest: &str) -> Option<(usize, Token)> {
    if rest.starts_with("//") {
        return Some((rest.find('\n').unwrap_or(rest.len()), Token::Comment));
    }
    if rest.starts_with("/*") {
        return Some((block_comment_len(rest), Token::Comment));
    }
    let text = rest.strip_prefix('b').or_else(|| rest.strip_prefix('c')).unwrap_or(rest);
    let prefix = rest.len() - text.len();
    let len = match text.chars().next()? {
        '"' => quoted_len(text),
        'r' => raw_len(text)?,
        '\'' => character_len(text)?,
        _ => return None,
    };
    Some((prefix + len, Token::Text))
}

/// So that the `r` at the end of `for` begins no raw text.
fn word_len(rest: &str) -> usize {
    rest.find(|c: char| !is_of_word(c)).unwrap_or(rest.len())
}

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// They nest.
fn block_comment_len(rest: &str) -> usize {
    let (mut depth, mut at) = (0_usize, 0);
    while at < rest.len() {
        if rest[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest[at..].chars().next().map_or(1, char::len_utf8);
        }
    }
    rest.len()
}

fn quoted_len(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !is_escaped => return at + 1,
            '\\' => is_escaped = !is_escaped,
            _ => is_escaped = false,
        }
    }
    text.len()
}

fn raw_len(text: &str) -> Option<usize> {
    let hashes = text[1..].chars().take_while(|c| *c == '#').count();
    let inside = text[1 + hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let len = inside.find(&end).map_or(inside.len(), |at| at + end.len());
    Some(2 + hashes + len)
}

/// `'a'` and `'\n'`, but not the lifetime `'a`.
fn character_len(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().skip(1);
    let (_, first) = chars.next()?;
    if first == '\\' {
        return text[3..].find('\'').map(|at| 3 + at + 1);
    }
    chars.next().filter(|(_, c)| *c == '\'').map(|(at, _)| at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_and_texts_are_no_code() {
        let text = "let a = \"x // \\\" y\"; // c\nfor b in /* d /* e */ */ r#\"f\"g\"# {'h'; b'\\''; i::<'j>()}";
        let names: Vec<_> = identifiers(text).into_iter().map(|(line, name)| format!("{line} {name}")).collect();
        assert_eq!(names, ["1 let", "1 a", "2 for", "2 b", "2 in", "2 i", "2 j"]);
        assert!(blank(text, Blank::Comments).contains("x // "));
        assert!(!blank(text, Blank::Comments).contains('c'));
    }

    #[test]
    fn texts_are_found_with_their_lines_and_what_is_before_them() {
        let text = "a(\"b \\\" c\");\nfor d in r#\"e\n\"f\"\"# {'\"'; \"\"}";
        let found: Vec<_> = texts(text).into_iter().map(|text| (text.line, text.inside)).collect();
        assert_eq!(found, [(1, "b \\\" c"), (2, "e\n\"f\""), (3, "")]);
        assert_eq!(texts(text)[0].before, "a(");
    }

    #[test]
    fn names_are_split_into_their_words() {
        for name in ["BlockLen", "block_len", "BLOCK_LEN", "blockLen"] {
            assert_eq!(words_of(name), ["block", "len"], "{name}");
        }
    }
}
