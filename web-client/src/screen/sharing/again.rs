//! What is said of shares of earlier visits.

use crate::messages::SharedView;
use crate::words::words;

/// What to do to go on with it.
pub fn again_line(shared: &SharedView) -> String {
    let name = &shared.name;
    let line = match (shared.has_handle, shared.is_folder) {
        (true, _) => words().sharing_again_allow(name),
        (false, true) => words().sharing_again_folder(name),
        (false, false) => words().sharing_again(name),
    };
    line.to_string()
}

/// The button that asks the browser for it.
pub fn ask_button(shared: &SharedView) -> String {
    words().sharing_again_button(&shared.name).to_string()
}

/// Why it could not be read again, by what the browser calls it.
pub fn not_read_line(name: &str, error: &str) -> String {
    let line = match error {
        "NotAllowedError" | "SecurityError" => words().sharing_again_refused(name),
        "NotFoundError" => words().sharing_again_gone(name),
        other => words().sharing_again_unreadable(name, other),
    };
    line.to_string()
}

#[cfg(test)]
mod tests {
    use wire_protocol::ids::GroupId;

    use super::*;

    #[test]
    fn whoever_comes_back_is_told_how_a_share_goes_on() {
        let shared = |is_folder, has_handle| SharedView {
            torrent: [0; 20],
            group: GroupId([1; 16]),
            name: "movie.mp4".to_owned(),
            is_folder,
            has_handle,
        };
        assert!(again_line(&shared(false, false)).starts_with("Drop movie.mp4 here again to keep sharing it."));
        assert!(again_line(&shared(true, false)).starts_with("Drop the folder movie.mp4 here again"));
        assert!(again_line(&shared(false, true)).contains("allow access"));
        assert_eq!(ask_button(&shared(false, true)), "Allow access to movie.mp4");
        let lines = ["NotAllowedError", "NotFoundError", "X"].map(|error| not_read_line("movie.mp4", error));
        assert!(lines[0] != lines[1] && lines[1] != lines[2] && lines.iter().all(|line| line.contains("movie.mp4")));
    }
}
