## The connection to the server, and why there is none.

# Parts of a sentence: they stand in brackets.
contact-unreachable = der Server ist nicht erreichbar
contact-lost = die Verbindung zum Server ist abgebrochen
contact-timed-out = der Server antwortet nicht
contact-restarting = der Server startet neu
contact-nonsense = der Server hat etwas Unverständliches gesagt: { $what }
contact-no-answer-yet = noch keine Antwort
# What a server of another version, or without this language, says of itself.
contact-server-says = Der Server sagt: „{ $said }“
contact-no-websockets = Der Server ist da, aber es kommt keine WebSocket-Verbindung zu ihm zustande. Wer ihn betreibt, muss den Reverse-Proxy davor so einstellen, dass er die Kopfzeilen Upgrade und Connection weitergibt: tracker-relay check zeigt, was fehlt.
contact-unseen = Andere sehen nicht, was du von { $name } hast ({ $why }).
contact-unseen-no-file = die Datei ist nicht mehr in der Gruppe
contact-unseen-too-many = der Server lässt über eine Verbindung nicht noch mehr Dateien zu; es wird noch einmal versucht
contact-unseen-full = es sind schon so viele dabei, wie dabei sein dürfen; es wird noch einmal versucht
contact-unseen-nonsense = was dieses Programm über seinen Fortschritt meldet, ergibt für den Server keinen Sinn
