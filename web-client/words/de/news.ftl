## Notifications.

news-complete = { $name } ist vollständig.
news-failed = { $name } kann nicht weitergehen: Sieh in seinem Tab nach.
news-asks = { $name } möchte { $group } beitreten.
news-let-in = Du wurdest in { $group } hereingelassen.
news-not-let-in = Du wurdest nicht in { $slug } hereingelassen.
