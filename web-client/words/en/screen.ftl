## What is put before the person: the connection, an invite, a download.

screen-forgetful = This browser keeps nothing for this page: cookies and site data are blocked, or this is a private window. You are somebody new here at each visit, and a group that you join is gone with this tab: keep the link, or let the browser keep data of this page.
screen-offline = Files that are complete in this browser can still be opened and saved, on the page of your groups.
screen-joining = Getting the list of pieces …
screen-preparing = It is being prepared: { $percent } %. The download begins by itself.
screen-not-ready = { $name } is not ready yet, and nobody who prepares it is online. The download begins by itself.
screen-connecting-to-others = Connecting to the others …
screen-coming-from = Coming from { $count ->
        [one] 1 person
       *[other] { $count } people
    }.
screen-keep-until-saved = Keep this tab open until it is saved.
screen-helping = You are helping { $count ->
        [one] 1 person
       *[other] { $count } people
    } now.
screen-may-close = { $count ->
        [one] 1 full copy
       *[other] { $count } full copies
    } without you. You can close this tab.
screen-only-copy = Nobody else has all of it yet: keep this tab open to help.
screen-next-one = Keep this tab open: whoever comes next gets it from you too.
screen-waiting-for-you = { $count ->
        [one] 1 person is waiting for you
       *[other] { $count } people are waiting for you
    }
screen-connected = Connected.
screen-connecting = Connecting …
screen-downloading = Downloading { $name }: { $percent } %.
screen-complete = { $name } is complete: { $have } of { $all } pieces verified.
# Why: a sentence of its own.
screen-refused = The server does not let you in: { $why }
screen-worker-stopped = The program behind this page has stopped because of an error of its own. Load the page again: what was saved is kept, and the rest is fetched again.
screen-no-worker = This browser cannot run the program behind this page. Use a current Firefox, Chrome, Edge or Safari, or run { $command } in a terminal and paste the invite.
screen-lost = No connection to the server for { $seconds } s ({ $why }). What you have is kept; it goes on by itself.
screen-no-answer = There is no connection to the server ({ $why }). Check your network, or ask whoever sent the link whether the server is still running.
screen-invite-not-valid = This invite is not valid (any more): it may have been cut off or revoked, or it may have expired. Ask for the whole link again.
screen-no-such-group = No group has this name here. Check the link, or ask whoever sent it for a new one.
screen-joining-group = Joining …
screen-join-and-download = Join and download
screen-join = Join
screen-too-big = This browser can hold about { $room }, but { $name } is { $size }. Fetch it with this command instead, on a computer:
screen-offered-preparing = being prepared; you can join already
screen-offered-by-nobody = nobody who has it is online now; the download begins when somebody comes
screen-offered-in-parts = { $count ->
        [one] 1 person
       *[other] { $count } people
    } with a part of it online
screen-offered = { $count ->
        [one] 1 person has it now
       *[other] { $count } people have it now
    }
