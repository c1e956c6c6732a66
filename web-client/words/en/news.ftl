## Notifications.

news-complete = { $name } is complete.
news-failed = The download of { $name } has stopped: look at its tab.
news-asks = { $name } asks to join { $group }.
news-let-in = You have been let into { $group }.
news-not-let-in = You were not let into { $slug }.
