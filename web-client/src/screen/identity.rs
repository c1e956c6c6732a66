//! One person on several devices.

use crate::format;
use crate::messages::Snapshot;
use crate::words::words;

/// What this browser loses. `None`: it has nothing to lose.
pub fn warning(snapshot: &Snapshot) -> Option<String> {
    let name = &snapshot.display_name;
    let names: Vec<_> = snapshot.groups.iter().map(|group| group.name.clone()).collect();
    let line = match names.len() {
        0 if snapshot.asked.is_empty() => return None,
        0 => words().identity_asked(name),
        count => words().identity_loses(name, count, format::names(&names)),
    };
    Some(line.to_string())
}

/// Why another identity is not kept, as a part of a sentence. `has_vault`: this browser keeps anything.
pub fn not_kept(has_vault: bool) -> String {
    let said = if has_vault { words().identity_not_kept() } else { words().identity_keeps_nothing() };
    said.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::messages::AskedView;

    #[test]
    fn a_fresh_browser_has_nothing_to_lose_and_any_other_is_warned() {
        let mut snapshot = Snapshot { display_name: "Lively Otter".to_owned(), ..Snapshot::default() };
        assert_eq!(warning(&snapshot), None);
        snapshot.asked.push(AskedView { slug: "lively-otter".to_owned(), is_refused: false });
        let said = warning(&snapshot).unwrap_or_default();
        assert!(said.starts_with("In this browser you are Lively Otter, and have asked to join a group."), "{said}");
        assert!(said.contains("cannot be brought back"), "{said}");
    }
}
