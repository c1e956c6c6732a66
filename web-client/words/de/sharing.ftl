## What is shared out of this tab.

sharing-purpose = Du bekommst sofort einen Link. Wem du ihn schickst, der bekommt die Dateien aus diesem Tab, solange er offen ist.
sharing-drop = Zum Teilen loslassen
sharing-drop-in = Loslassen, um mit der Gruppe { $group } zu teilen
sharing-join-first = Tritt erst bei: Dateien werden in einer Gruppe geteilt, in der du bist.
sharing-folder = Ordner mit { $count ->
        [one] 1 Datei
       *[other] { $count } Dateien
    } · { $size }
sharing-waits = Wartet auf die anderen Dateien. Der Link gilt schon.
sharing-publishing = Die Gruppe erfährt davon …
sharing-preparing = Wird vorbereitet. Du kannst den Link schon verschicken.
sharing-preparing-at = Wird vorbereitet. { $rate }, noch { $time }. Du kannst den Link schon verschicken.
sharing-nobody-yet = Wartet auf die erste Person. Lass diesen Tab offen.
sharing-only-copy = Noch hat niemand sonst alles: Lass diesen Tab offen.
sharing-going = Geht an { $count ->
        [one] 1 Person
       *[other] { $count } Leute
    }. Lass diesen Tab offen.
sharing-going-for = Geht an { $count ->
        [one] 1 Person
       *[other] { $count } Leute
    }. Lass diesen Tab offen, noch etwa { $time }.
sharing-got-all = hat alles bekommen
sharing-got = bekam { $size }, ist weg
sharing-from-others = { $size } davon von anderen
sharing-title = { $name } wird geteilt
sharing-status-preparing = { $name } wird vorbereitet: { $percent } %.
sharing-status-going = { $name } geht an { $count ->
        [one] 1 Person
       *[other] { $count } Leute
    }.
sharing-stop = Nicht mehr teilen
sharing-close = Schließen
sharing-cancel = Abbrechen
# Of earlier visits.
sharing-again-allow = { $name }: Erlaube den Zugriff, und bei allen, die es wollen, geht es weiter. Der Link bleibt derselbe.
sharing-again-folder = Zieh den Ordner { $name } wieder hierher, um ihn weiter zu teilen. Der Link bleibt derselbe.
sharing-again = Zieh { $name } wieder hierher, um es weiter zu teilen. Der Link bleibt derselbe.
sharing-again-button = Zugriff auf { $name } erlauben
sharing-again-refused = Der Browser darf { $name } nicht lesen. Drück noch einmal auf den Knopf und erlaube es, oder zieh die Datei hierher.
sharing-again-gone = { $name } ist nicht mehr da, wo es war. Zieh es hierher, um es weiter zu teilen.
sharing-again-unreadable = { $name } lässt sich nicht lesen ({ $error }). Zieh es hierher, um es weiter zu teilen.
# Not shared, or not any more.
sharing-empty = { $name } ist leer: Da gibt es nichts zu teilen.
sharing-too-many = Höchstens { $max } Dateien und Ordner werden auf einmal geteilt: Leg die Dateien in einen Ordner, und teile diesen.
sharing-no-torrent = { $name } lässt sich nicht teilen ({ $why }). Pack es in ein Archiv, und teile das.
sharing-renamed-long = Andere bekommen es als { $shown }: Der Name ist für manche Computer zu lang.
sharing-renamed = Andere bekommen es als { $shown }: Der eigentliche Name lässt sich nicht überall verwenden.
sharing-already = { $name } ist schon hier und wird als dieselbe Datei geteilt.
# Why: a sentence of its own.
sharing-not-added = { $name } wird nicht geteilt: { $why }
sharing-no-group = Für { $name } wurde keine Gruppe gegründet, darum wird nichts geteilt: { $why }
sharing-removed = { $name } wurde aus der Gruppe entfernt und wird nicht mehr geteilt. Was andere schon haben, behalten sie.
sharing-gone-early = { $name } ist weg: Es wurde gelöscht oder verschoben, während es vorbereitet wurde. Leg es zurück, und teile es noch einmal.
sharing-written-early = In { $name } wurde geschrieben, während es vorbereitet wurde, darum wird es nicht geteilt. Teile es noch einmal, wenn niemand mehr hineinschreibt.
sharing-unreadable-early = { $name } lässt sich nicht lesen ({ $error }), darum wird es nicht geteilt. Wenn sein Laufwerk getrennt wurde, schließe es an, und teile es noch einmal.
sharing-gone = { $name } ist weg: Es wurde gelöscht oder verschoben, darum wird es nicht mehr geteilt. Leg es zurück und teile es noch einmal, dann geht es bei allen weiter.
sharing-changed = { $name } hat sich auf dem Laufwerk geändert, darum wird es nicht mehr geteilt. Was andere davon haben, ist in Ordnung. Teile es noch einmal, um den neuen Inhalt zu teilen.
sharing-damaged = { $name } hat andere Bytes als bei der Vorbereitung, obwohl das Datum dasselbe ist: Vielleicht geht das Laufwerk kaputt. Es wird nicht mehr geteilt, und niemand hat ein falsches Byte bekommen. Prüf das Laufwerk, bevor du es noch einmal teilst.
sharing-unreadable = { $name } lässt sich nicht mehr lesen ({ $error }), darum wird es nicht geteilt. Wenn sein Laufwerk getrennt wurde, schließe es an, und teile es noch einmal: Bei allen geht es weiter.

## Aus dem Tab teilen.

share-before = Das hast du schon einmal geteilt
share-forget = Vergessen
share-forget-name = Vergessen: { $name } nicht wieder teilen
share-choose-files = Dateien wählen
share-choose-folder = Ordner wählen
share-add-files = Dateien teilen
share-add-folder = Ordner teilen
share-has = Was { $name } schon hat
share-send = Verschicke diesen Link
share-no-link = Dieser Browser kennt keinen gültigen Link in die Gruppe.
share-make-link = Link erstellen
share-link = Link
share-whoever = Wer ihn öffnet, bekommt die Dateien im Browser und muss nichts installieren.
share-terminal = Im Terminal
share-prepared = Vorbereitet
share-sent = Weitergegeben
share-up = Ausgehend
share-copies = Vollständige Kopien online
share-copies-yours = deine
share-copies-more = { $copies } und deine
