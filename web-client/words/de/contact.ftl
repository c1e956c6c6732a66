## The connection to the server, and why there is none.

# Parts of a sentence: they stand behind a colon or in brackets.
contact-unreachable = der Server ist nicht erreichbar
contact-lost = die Verbindung zum Server ging verloren
contact-timed-out = der Server antwortet nicht
contact-restarting = der Server startet neu
contact-nonsense = der Server hat etwas Unverständliches gesagt: { $what }
contact-no-answer-yet = noch keine Antwort
# What a server of another version, or without this language, says of itself.
contact-server-says = Der Server sagt: „{ $said }“
contact-no-websockets = Der Server ist da, aber kein WebSocket zu ihm öffnet sich. Wer ihn betreibt, muss seinen Reverse-Proxy die Kopfzeilen Upgrade und Connection weitergeben lassen: tracker-relay check zeigt, was fehlt.
contact-unseen = Andere sehen nicht, was du von { $name } hast: { $why }.
contact-unseen-no-file = die Datei ist nicht mehr in der Gruppe
contact-unseen-too-many = der Server lässt eine Verbindung nur bei so vielen Dateien dabei sein; es wird noch einmal versucht
contact-unseen-full = es sind schon so viele dabei, wie dabei sein dürfen; es wird noch einmal versucht
contact-unseen-nonsense = der Server hält den Fortschritt dieses Programms für Unsinn
