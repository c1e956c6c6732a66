//! What this person is called here. The tracker knows; only the person's own wish changes it.

use wire_protocol::control::DISPLAY_NAME_CHARS_MAX;
use wire_protocol::ids::RequestId;

use wire_protocol::text::display_text;

/// A display name, and the one that was asked for and not answered yet.
#[derive(Debug)]
pub(crate) struct DisplayName {
    known: String,
    wished: Option<(RequestId, String)>,
}

impl DisplayName {
    /// What a person who is new here shall be called.
    pub(crate) fn new(name: &str) -> Self {
        Self { known: display_text(name, DISPLAY_NAME_CHARS_MAX), wished: None }
    }

    /// The wish comes first: it is what the person typed last.
    pub(crate) fn shown(&self) -> &str {
        self.wished.as_ref().map_or(&self.known, |(_, name)| name)
    }

    /// The person asked for another one.
    pub(crate) fn wish(&mut self, request: RequestId, name: String) {
        self.wished = Some((request, name));
    }

    /// The tracker says what it is. Whether something else is shown now.
    pub(crate) fn on_told(&mut self, name: &str) -> bool {
        self.change(|this| this.known = display_text(name, DISPLAY_NAME_CHARS_MAX))
    }

    /// The tracker answered a wish for this name, the latest or an earlier one: if the latest is refused, the
    /// earlier one holds. Whether something else is shown now.
    pub(crate) fn on_answered(&mut self, request: RequestId, name: &str, is_done: bool) -> bool {
        self.change(|this| {
            this.wished.take_if(|(wish, _)| *wish == request);
            if is_done {
                this.known = display_text(name, DISPLAY_NAME_CHARS_MAX);
            }
        })
    }

    fn change(&mut self, change: impl FnOnce(&mut Self)) -> bool {
        let before = self.shown().to_owned();
        change(self);
        self.shown() != before
    }
}
