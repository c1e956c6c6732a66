## Wohin eine Einladung oder die Adresse einer Gruppe führt.

landing-opening = Die Gruppe wird geöffnet …
landing-opening-stuck = Diese Gruppe lässt sich gerade nicht finden.
landing-looking = Die Einladung wird angesehen …
landing-looking-stuck = Diese Einladung lässt sich gerade nicht ansehen.
landing-nowhere = Dieser Link führt nirgendwohin
landing-shares = { $who } teilt mit { $group }
landing-invites = { $who } lädt dich ein zu { $group }
landing-play = ▶ Beitreten und abspielen
landing-terminal = Lieber im Terminal?
landing-asks = Ein Admin lässt jeden einzeln herein. Frag an, und sie sehen deinen Namen und was du schreibst.
landing-no-file = Noch keine Datei. Tritt bei, dann siehst du sie, sobald eine da ist.
landing-stranger = Du bist nicht in { $slug }
landing-stranger-next = Das ist die Adresse einer Gruppe, keine Einladung. Bitte die Person, die sie dir geschickt hat, um den Link: Er steht unter { $title } auf der Seite der Gruppe. Oder bitte die Admins der Gruppe, dich hereinzulassen.
landing-ask = Beitritt anfragen
landing-asking = Es wird gefragt …
landing-name = Dein Name, wie ihn die anderen sehen
landing-message = Ein Wort an die Admins, damit sie wissen, wer du bist (wenn du magst)
landing-message-example = Ich bin's, von der Hütte
landing-waiting = Du wartest auf Einlass in { $group }
landing-notify = Bescheid, wenn sie antworten
landing-withdraw = Anfrage zurückziehen
landing-refused = Du wurdest nicht hereingelassen
landing-ask-again = Noch einmal fragen
landing-give-up = Dabei belassen
landing-said = Du hast geschrieben: { $message }
