## Notifications.

news-complete = { $name } ist vollständig.
news-failed = Mit { $name } geht es nicht weiter: Sieh in dem Tab nach.
news-asks = { $name } möchte der Gruppe { $group } beitreten.
news-let-in = Du wurdest in die Gruppe { $group } hereingelassen.
news-not-let-in = Du wurdest nicht in die Gruppe { $slug } hereingelassen.
