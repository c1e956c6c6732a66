## What happened in a group.

# $who and $whom: "me", whoever reads it.
activity-created = { $who ->
        [me] You
       *[them] { $name }
    } made the group
activity-joined = { $who ->
        [me] You
       *[them] { $name }
    } joined
activity-let-in = { $who ->
        [me] You
       *[them] { $name }
    } let { $whom ->
        [me] you
       *[them] { $other }
    } in
activity-renamed = { $before } is now called { $name }
activity-admin = { $who ->
        [me] You are
       *[them] { $name } is
    } an admin now
activity-no-admin = { $who ->
        [me] You are
       *[them] { $name } is
    } not an admin any more
activity-left = { $who ->
        [me] You
       *[them] { $name }
    } left
activity-removed = { $who ->
        [me] You
       *[them] { $name }
    } removed { $what }
activity-added = { $who ->
        [me] You
       *[them] { $name }
    } added { $what }
