## What a person does in a group: what it means, and why it did not happen.

acts-leave-title = { $group } verlassen?
acts-leave = Downloads aus dieser Gruppe hören auf, und die Links, die du gemacht hast, öffnen nichts mehr. Was du schon gespeichert hast, gehört dir.
acts-leave-button = Verlassen
acts-leave-last = Sonst ist niemand in der Gruppe: Sie wird geschlossen.
acts-leave-only-admin = Du bist der einzige Admin: { $name }, am längsten hier, wird es dann. Wenn es jemand anderes sein soll, mach erst diese Person zum Admin.
acts-leave-come-back = Um zurückzukommen, brauchst du einen Link oder einen Admin, der dich hereinlässt.
acts-close-title = { $group } für alle schließen?
acts-close = Die Gruppe endet für { $count ->
        [one] dich
       *[other] alle { $count } Mitglieder
    }: Ihre Dateien, Links und Anfragen sind weg, und Downloads hören auf.
acts-close-for-good = Was Leute schon gespeichert haben, bleibt ihnen. Das lässt sich nicht rückgängig machen.
acts-close-button = Gruppe schließen
acts-remove-title = { $name } aus { $group } entfernen?
acts-remove = Die Verbindungen von { $name } zu den anderen werden sofort getrennt, und die Gruppe bekommt einen neuen Schlüssel, sodass { $name } nicht lesen kann, was ab jetzt geschickt wird. Was schon gespeichert ist, bleibt bei { $name }.
acts-remove-come-back = { $name } kommt nur zurück, wenn ein Admin die Anfrage annimmt.
acts-remove-button = Entfernen
acts-keep-links = Links, die dieser Browser gemacht hat, gelten weiter. Alle anderen werden auf jeden Fall zurückgezogen: Nur wer sie gemacht hat, kann den neuen Schlüssel hineintun.
acts-remove-file-title = { $name } entfernen?
acts-remove-file = Niemand kann { $name } mehr aus dieser Gruppe herunterladen, und laufende Downloads hören auf. Was Leute schon gespeichert haben, bleibt ihnen.
acts-remove-file-button = Datei entfernen
# Why it did not happen, behind a colon: a sentence of its own.
acts-not-let-in = { $name } wurde nicht hereingelassen: { $why }
acts-not-refused = { $name } hat kein Nein bekommen: { $why }
acts-not-changed = Was { $name } darf, wurde nicht geändert: { $why }
acts-not-removed = { $name } wurde nicht entfernt: { $why }
acts-no-link = Der Link wurde nicht gemacht: { $why }
acts-not-revoked = Der Link wurde nicht zurückgezogen: { $why }
acts-torrents-not-ended = Deine Torrent-Dateien von { $group } gelten wie zuvor: { $why }
acts-not-left = Du hast { $group } nicht verlassen: { $why }
acts-not-closed = { $group } wurde nicht geschlossen: { $why }
acts-gone-left = Du hast { $group } verlassen. Was du schon gespeichert hast, gehört dir.
acts-gone-removed = Du wurdest aus { $group } entfernt. Was du schon gespeichert hast, gehört dir.
acts-gone-closed = { $group } wurde geschlossen. Was du schon gespeichert hast, gehört dir.
