## Why a download waits.

waits-no-more = Wer online ist, hat von { $name } nicht mehr als du.
waits-to-send = Es wird auf Daten von { $names } gewartet.
waits-sent-bad = { $names } { $count ->
        [one] hat
       *[other] haben
    } beschädigte Daten geschickt und { $count ->
        [one] wird
       *[other] werden
    } nicht mehr gefragt, und sonst hat gerade niemand { $file }.
waits-tell-them = Sag Bescheid, dass die Datei dort geprüft werden muss; es geht von selbst weiter, sobald jemand anderes kommt.
waits-nobody = Niemand, der { $name } hat, ist online.
waits-missing = Noch nicht da: { $percent } % ({ $count ->
        [one] 1 Stück
       *[other] { $count } Stücke
    }).
waits-had-it = Zuletzt war es bei { $names }.
waits-goes-on = Es geht von selbst weiter, sobald jemand zurückkommt.
waits-not-reached = { $count ->
        [one] 1 andere Person ist
       *[other] { $count } andere sind
    } online, aber noch ist keine Verbindung zustande gekommen.
waits-last-attempt = Der letzte Versuch ist gescheitert ({ $why }).
waits-again = Es wird von selbst noch einmal versucht.
# Why: parts of a sentence.
waits-unreachable = unter der Adresse antwortet nichts
waits-gone = die andere Seite ist weg
waits-not-paired = die andere Seite kam nicht
waits-not-secured = die Antwort war nicht die eines Mitglieds
waits-impostor = jemand anderes hat geantwortet
waits-out-of-date = eine der beiden Seiten muss erst vom Server auf den neuesten Stand gebracht werden
waits-already-linked = es gibt schon eine Verbindung
waits-not-announced = der Server führt diesen Tab noch nicht auf
waits-too-many-links = der Server hat zu viele Verbindungen
waits-offline = es gibt keine Verbindung zum Server
waits-no-answer = keine rechtzeitige Antwort
