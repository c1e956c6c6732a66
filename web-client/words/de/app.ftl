## Was auf jeder Seite steht.

app-home = Deine Gruppen
app-light = Helle Farben verwenden
app-dark = Dunkle Farben verwenden
app-dismiss = Diese Nachricht schließen
app-retry = Jetzt erneut versuchen
app-retry-in = (von selbst in { $seconds } s)
app-promise = Dateien gehen von Mensch zu Mensch. Der Server bringt die Leute zusammen, reicht Bytes weiter und behält keine.
app-language = Sprache
