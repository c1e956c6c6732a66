//! A connection that costs by the byte: a tab there gives nothing to others before its person says so.

use crate::words::words;

/// What the browser says of the connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// The person has told the browser to save data.
    pub saves_data: bool,
    /// `navigator.connection.type`, where a browser has it.
    pub kind: Option<String>,
}

impl Metered {
    /// Whether it costs something to give.
    pub fn costs(&self) -> bool {
        self.saves_data || self.kind.as_deref() == Some("cellular")
    }

    /// Why others get nothing yet, and what goes on all the same if something is being downloaded; `None`: it costs
    /// nothing to give.
    pub fn why(&self, is_downloading: bool) -> Option<String> {
        let why = if self.saves_data { words().metered_saves_data() } else { words().metered_mobile() };
        let goes_on = is_downloading.then(|| words().metered_goes_on().to_string());
        self.costs().then(|| [Some(why.to_string()), goes_on].into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn metered(saves_data: bool, kind: Option<&str>) -> Metered {
        Metered { saves_data, kind: kind.map(str::to_owned) }
    }

    #[test]
    fn only_what_costs_is_asked_about() {
        assert_eq!(metered(false, None).why(true), None);
        for free in ["wifi", "ethernet", "unknown", "other"] {
            assert_eq!(metered(false, Some(free)).why(true), None, "{free}");
        }
        assert!(metered(false, Some("cellular")).why(true).is_some_and(|why| why.contains("mobile")));
        assert!(metered(true, Some("wifi")).why(true).is_some_and(|why| why.contains("save data")));
    }

    #[test]
    fn a_download_goes_on_only_while_there_is_one() {
        let cellular = metered(false, Some("cellular"));
        assert!(cellular.why(true).is_some_and(|why| why.ends_with("others. Your download goes on.")));
        assert!(cellular.why(false).is_some_and(|why| why.ends_with("others.")));
    }
}
