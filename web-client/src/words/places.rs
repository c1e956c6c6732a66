//! Sentences with elements in them, which stand elsewhere in each language: `{ $who } shares with { $group }`.

/// Given to a message as arguments, they say where the elements come. No text has such characters: Unicode leaves them to
/// programs for their own use.
pub const PLACES: [&str; 2] = ["\u{fdd0}", "\u{fdd1}"];

/// A part of a sentence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// Said as it is.
    Text(String),
    /// The element of this number comes here.
    Element(usize),
}

/// What a sentence consists of, in order.
pub fn parts(sentence: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut rest = sentence;
    while let Some(at) = rest.find(|c: char| number(c).is_some()) {
        let (text, found) = rest.split_at(at);
        push_text(&mut parts, text);
        let mut after = found.chars();
        parts.extend(after.next().and_then(number).map(Part::Element));
        rest = after.as_str();
    }
    push_text(&mut parts, rest);
    parts
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if !text.is_empty() {
        parts.push(Part::Text(text.to_owned()));
    }
}

fn number(c: char) -> Option<usize> {
    PLACES.iter().position(|place| place.starts_with(c))
}

#[cfg(test)]
mod tests {
    use super::Part::{Element, Text};
    use super::*;

    #[test]
    fn elements_stand_where_their_language_wants_them() {
        let [who, group] = PLACES;
        let text = |text: &str| Text(text.to_owned());
        let english = format!("{who} shares with {group}");
        assert_eq!(parts(&english), [Element(0), text(" shares with "), Element(1)]);
        let turned = format!("Mit {group} teilt {who}.");
        assert_eq!(parts(&turned), [text("Mit "), Element(1), text(" teilt "), Element(0), text(".")]);
        assert_eq!(parts("ﷺ, and no more"), [text("ﷺ, and no more")], "a neighbour in Unicode");
        assert_eq!(parts(""), []);
    }
}
