## Why a download waits.

waits-no-more = Those who are online have no more of { $name } than you do.
waits-to-send = Waiting for { $names } to send.
waits-sent-bad = { $names } sent damaged data and { $count ->
        [one] is
       *[other] are
    } not asked again, and nobody else has { $file } now.
waits-tell-them = Tell them to look at the file; it goes on by itself as soon as somebody else comes.
waits-nobody = No one who has { $name } is online.
waits-missing = Missing: { $percent } % ({ $count ->
        [one] 1 piece
       *[other] { $count } pieces
    }).
waits-had-it = { $names } had it.
waits-goes-on = It goes on by itself as soon as somebody comes back.
waits-not-reached = { $count ->
        [one] 1 other is
       *[other] { $count } others are
    } online, but no link to them has opened yet.
waits-last-attempt = Last attempt: { $why }.
waits-again = Trying again by itself.
# Why: parts of a sentence.
waits-unreachable = nothing answers at its address
waits-gone = it is gone
waits-not-paired = the other side did not come
waits-not-secured = it did not answer as a member's peer does
waits-impostor = somebody else answered in its place
waits-out-of-date = one of the two has to hear from the server first
waits-already-linked = there is a link already
waits-not-announced = the server does not list this peer yet
waits-too-many-links = the server has too many links
waits-offline = there is no connection to the server
waits-no-answer = no answer in time
