## Asking to be let in, and waiting for the answer.

asking-wait-for = { $name }, or another admin of { $group }, has to let you in. Your request is with them.
asking-wait = An admin of { $group } has to let you in. Your request is with them.
asking-next = When they accept, this page goes on by itself. You can also close it: your request stays, and the same address shows the answer later.
asking-refused-by = An admin of { $group } said no. If that is a mistake, talk to { $name }, and ask again.
asking-refused = An admin of { $group } said no. If that is a mistake, talk to somebody in the group, and ask again.
asking-accepted-notice = You are in { $group } now: an admin let you in.
asking-refused-notice = An admin of { $slug } did not let you in. If that is a mistake, talk to them, and ask again.
