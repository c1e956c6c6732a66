## Wohin eine Einladung oder die Adresse einer Gruppe führt.

landing-opening = Die Gruppe wird geöffnet …
landing-opening-stuck = Diese Gruppe lässt sich gerade nicht abrufen.
landing-looking = Die Einladung wird geprüft …
landing-looking-stuck = Diese Einladung lässt sich gerade nicht prüfen.
landing-nowhere = Dieser Link führt ins Leere
landing-shares = { $who } teilt mit der Gruppe { $group }
landing-invites = { $who } lädt dich in die Gruppe { $group } ein
landing-play = ▶ Beitreten und abspielen
landing-terminal = Lieber im Terminal?
landing-asks = Ein Admin lässt alle einzeln herein. Frag an: Die Admins sehen dann deinen Namen und was du schreibst.
landing-no-file = Noch keine Datei. Tritt bei, und du siehst Dateien, sobald welche da sind.
landing-stranger = Du bist nicht in der Gruppe { $slug }
landing-stranger-next = Das ist die Adresse einer Gruppe, keine Einladung. Bitte die Person, die sie dir geschickt hat, um den Link: Er steht unter { $title } auf der Seite der Gruppe. Oder bitte die Admins der Gruppe, dich hereinzulassen.
landing-ask = Beitritt anfragen
landing-asking = Anfrage wird gesendet …
landing-name = Dein Name, wie ihn die anderen sehen
landing-message = Ein Wort an die Admins, damit sie wissen, wer du bist (wenn du magst)
landing-message-example = Ich bin's, von der Hütte
landing-waiting = Du wartest auf Einlass in die Gruppe { $group }
landing-notify = Bescheid geben, wenn sie antworten
landing-withdraw = Anfrage zurückziehen
landing-refused = Du wurdest nicht hereingelassen
landing-ask-again = Noch einmal anfragen
landing-give-up = Dabei belassen
landing-said = Du hast geschrieben: { $message }
