//! A person's own BitTorrent client in a group: what it means, said before, and what came of it, said after.

/// What it means for secrecy.
pub const SECRECY_LINE: &str =
    "Ordinary clients speak without Covey's encryption: whoever carries the traffic can read the file.";

/// Whom such a client gets it from, and who from it.
pub const REACH_LINE: &str = "Yours gets it from members who share it with --allow-bittorrent and from other ordinary clients of \
                              members, and gives it to browsers only through a bridge.";

/// Whose the torrent file is.
pub const PERSONAL_LINE: &str = "The torrent file is yours alone: a key in it stands for you. Do not pass it on: whoever has it can pose \
                                 as you to the server and see from which addresses the file is shared.";

/// How many there may be.
pub const LIMIT_LINE: &str = "The last four that you made in this group are good; a fifth ends the oldest.";

/// What ending them does.
pub const STOP_LINE: &str = "Did one get into other hands, or do you not need them any more? The server then refuses every torrent file that \
                             you ever made of this group's files, on any device. What your clients have saved stays yours, and you \
                             can make new ones.";

/// A torrent file was made.
pub fn made(file_name: &str, is_private: bool) -> String {
    let public = match is_private {
        true => "",
        false => {
            " This torrent is not private: a client may tell strangers of it. Switch DHT, peer exchange and local peer discovery \
             off before you add it."
        }
    };
    format!("{file_name} is in your downloads: open it in your BitTorrent client, and give it to nobody.{public}")
}

/// It was not. `why`: one sentence, which says what to do.
pub fn not_made(name: &str, why: &str) -> String {
    format!("There is no torrent file of {name}: {why}")
}

/// All are worth nothing any more.
pub fn ended(group: &str) -> String {
    format!("Your torrent files of {group} are invalid: the server refuses clients that use them.")
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
