## The people of a group, and those who ask to be among them.

people-you = you
people-admin = admin
people-sharing = sharing now
# Stands for a name.
people-somebody-who-left = somebody who left
people-invited-by = invited by { $name }
people-no-invite = came without an invite
people-was-removed = was removed from this group before
people-files = { $count ->
        [one] 1 file
       *[other] { $count } files
    }
people-want-to-join = { $count ->
        [one] 1 person wants to join
       *[other] { $count } people want to join
    }
