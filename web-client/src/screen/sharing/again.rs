//! What is said of shares of earlier visits.

use crate::messages::SharedView;

/// What to do to go on with it.
pub fn again_line(shared: &SharedView) -> String {
    let name = &shared.name;
    match (shared.has_handle, shared.is_folder) {
        (true, _) => format!("{name}: allow access, and all who want it go on. The link stays the same."),
        (false, true) => format!("Drop the folder {name} here again to keep sharing it. The link stays the same."),
        (false, false) => format!("Drop {name} here again to keep sharing it. The link stays the same."),
    }
}

/// The button that asks the browser for it.
pub fn ask_button(shared: &SharedView) -> String {
    format!("Allow access to {}", shared.name)
}

/// Why it could not be read again, by what the browser calls it.
pub fn not_read_line(name: &str, error: &str) -> String {
    match error {
        "NotAllowedError" | "SecurityError" => {
            format!("The browser may not read {name}. Press the button again and say yes, or drop the file here.")
        }
        "NotFoundError" => format!("{name} is not where it was. Drop it here to keep sharing it."),
        other => format!("{name} cannot be read ({other}). Drop it here to keep sharing it."),
    }
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
