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
share-up = Hinaus
share-copies = Vollständige Kopien online
share-copies-yours = deine
share-copies-more = { $copies } und deine
