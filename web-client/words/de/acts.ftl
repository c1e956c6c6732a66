## What a person does in a group: what it means, and why it did not happen.

acts-leave-title = Die Gruppe { $group } verlassen?
acts-leave = Downloads aus dieser Gruppe brechen ab, und die Links, die du erstellt hast, funktionieren nicht mehr. Was du schon gespeichert hast, behältst du.
acts-leave-button = Verlassen
acts-leave-last = Sonst ist niemand in der Gruppe: Wenn du gehst, wird sie geschlossen.
acts-leave-only-admin = Du bist der einzige Admin: Wenn du gehst, wird { $name } Admin, weil von den anderen niemand länger dabei ist. Soll es jemand anderes werden, mach diese Person vorher zum Admin.
acts-leave-come-back = Um zurückzukommen, brauchst du einen Link oder einen Admin, der dich hereinlässt.
acts-close-title = Die Gruppe { $group } für alle schließen?
acts-close = Die Gruppe wird für { $count ->
        [one] dich
       *[other] alle { $count } Mitglieder
    } geschlossen: Dateien, Links und Anfragen sind weg, und Downloads brechen ab.
acts-close-for-good = Was jemand schon gespeichert hat, bleibt erhalten. Das Schließen lässt sich nicht rückgängig machen.
acts-close-button = Gruppe schließen
acts-remove-title = { $name } aus der Gruppe { $group } entfernen?
acts-remove = Die Verbindungen von { $name } zu den anderen werden sofort getrennt, und die Gruppe bekommt einen neuen Schlüssel, sodass { $name } nicht lesen kann, was ab jetzt gesendet wird. Was schon gespeichert ist, bleibt bei { $name }.
acts-remove-come-back = { $name } kann nur zurückkommen, wenn ein Admin die Anfrage annimmt.
acts-remove-button = Entfernen
acts-keep-links = Links, die dieser Browser erstellt hat, gelten weiter. Alle anderen werden auf jeden Fall zurückgezogen: Nur wer einen Link erstellt hat, kann den neuen Schlüssel darin aufnehmen.
acts-remove-file-title = { $name } entfernen?
acts-remove-file = Niemand kann { $name } mehr aus dieser Gruppe herunterladen, und laufende Downloads brechen ab. Was andere schon gespeichert haben, behalten sie.
acts-remove-file-button = Datei entfernen
# Why it did not happen, behind a colon: a sentence of its own.
acts-not-let-in = { $name } wurde nicht hereingelassen: { $why }
acts-not-refused = Die Anfrage von { $name } wurde nicht abgelehnt: { $why }
acts-not-changed = Was { $name } darf, wurde nicht geändert: { $why }
acts-not-removed = { $name } wurde nicht entfernt: { $why }
acts-no-link = Der Link wurde nicht erstellt: { $why }
acts-not-revoked = Der Link wurde nicht zurückgezogen: { $why }
acts-torrents-not-ended = Deine Torrent-Dateien der Gruppe { $group } gelten weiter: { $why }
acts-not-left = Du hast die Gruppe { $group } nicht verlassen: { $why }
acts-not-closed = Die Gruppe { $group } wurde nicht geschlossen: { $why }
acts-gone-left = Du hast die Gruppe { $group } verlassen. Was du schon gespeichert hast, behältst du.
acts-gone-removed = Du wurdest aus der Gruppe { $group } entfernt. Was du schon gespeichert hast, behältst du.
acts-gone-closed = Die Gruppe { $group } wurde geschlossen. Was du schon gespeichert hast, behältst du.
