## What happened in a group.

# $who and $whom: "me", whoever reads it.
activity-created = { $who ->
        [me] Du hast
       *[them] { $name } hat
    } die Gruppe gegründet
activity-joined = { $who ->
        [me] Du bist
       *[them] { $name } ist
    } beigetreten
activity-let-in = { $who ->
        [me] Du hast
       *[them] { $name } hat
    } { $whom ->
        [me] dich
       *[them] { $other }
    } hereingelassen
activity-renamed = { $before } heißt jetzt { $name }
activity-admin = { $who ->
        [me] Du bist
       *[them] { $name } ist
    } jetzt Admin
activity-no-admin = { $who ->
        [me] Du bist
       *[them] { $name } ist
    } nicht mehr Admin
activity-left = { $who ->
        [me] Du hast
       *[them] { $name } hat
    } die Gruppe verlassen
activity-removed = { $who ->
        [me] Du hast
       *[them] { $name } hat
    } { $what } entfernt
activity-added = { $who ->
        [me] Du hast
       *[them] { $name } hat
    } { $what } hinzugefügt
