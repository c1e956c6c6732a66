//! A person's own BitTorrent client in a group: what it means, said before, and what came of it, said after.

use crate::words::words;

/// A torrent file was made.
pub fn made(file_name: &str, is_private: bool) -> String {
    let made = words().own_client_made(file_name).to_string();
    if is_private { made } else { format!("{made} {}", words().own_client_public()) }
}

/// It was not. `why`: one sentence, which says what to do.
pub fn not_made(name: &str, why: &str) -> String {
    words().own_client_not_made(name, why).to_string()
}

/// All are worth nothing any more.
pub fn ended(group: &str) -> String {
    words().own_client_ended(group).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_torrent_that_clients_would_tell_strangers_of_it_is_said_how_to_keep_it() {
        assert_eq!(
            made("movie.mp4.torrent", true),
            "movie.mp4.torrent is in your downloads: open it in your BitTorrent client, and give it to nobody."
        );
        assert!(
            made("movie.mp4.torrent", false)
                .ends_with("Switch DHT, peer exchange and local peer discovery off before you add it.")
        );
    }

    #[test]
    fn what_was_not_made_is_said_with_the_reason() {
        let said = not_made("movie.mp4", "Too many at once; try again later.");
        assert_eq!(said, "There is no torrent file of movie.mp4: Too many at once; try again later.");
    }
}
