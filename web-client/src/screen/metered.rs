//! A connection that costs by the byte: a tab there gives nothing to others before its person says so.

/// What the browser says of the connection.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// The person has told the browser to save data.
    pub saves_data: bool,
    /// `navigator.connection.type`, where a browser has it.
    pub kind: Option<String>,
}

impl Metered {
    /// Why others get nothing yet, one sentence; `None`: it costs nothing to give.
    pub fn why(&self) -> Option<&'static str> {
        if self.saves_data {
            Some("Your browser is set to save data, so this tab gives nothing to the others. Your download goes on.")
        } else if self.kind.as_deref() == Some("cellular") {
            Some("You are on a mobile connection, so this tab gives nothing to the others. Your download goes on.")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_costs_is_asked_about() {
        let metered = |saves_data, kind: Option<&str>| Metered { saves_data, kind: kind.map(str::to_owned) };
        assert_eq!(metered(false, None).why(), None);
        for free in ["wifi", "ethernet", "unknown", "other"] {
            assert_eq!(metered(false, Some(free)).why(), None, "{free}");
        }
        assert!(metered(false, Some("cellular")).why().is_some_and(|why| why.contains("mobile")));
        assert!(metered(true, Some("wifi")).why().is_some_and(|why| why.contains("save data")));
    }
}
