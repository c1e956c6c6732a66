## One person on several devices.

identity-link = Dort bist du dieselbe Person: derselbe Name, dieselben Gruppen. Öffne den Link auf dem anderen Gerät, oder richte dessen Kamera auf den QR-Code.
identity-secret = Wer diesen Link hat, kann für immer als du auftreten und in deinen Gruppen alles tun, was du kannst. Schick ihn niemandem außer dir selbst.
identity-offer = Diese Adresse enthält eine Identität. Sag nur Ja, wenn du den Link selbst erstellt hast, auf einem anderen Gerät, das dir gehört: Wer ihn erstellt hat, kann lesen, was du damit tust.
identity-asked = Dieser Browser ist zurzeit { $name } und hat um Aufnahme in eine Gruppe gebeten. Diese Identität wird hier gelöscht und lässt sich nicht wiederherstellen, außer wenn ein anderes deiner Geräte sie hat.
identity-loses = Dieser Browser ist zurzeit { $name } und Mitglied in { $count ->
        [one] der Gruppe
       *[other] den Gruppen
    } { $groups }. Diese Identität wird hier gelöscht und lässt sich nicht wiederherstellen, außer wenn ein anderes deiner Geräte sie hat.
identity-keeps-nothing = dieser Browser behält von Besuch zu Besuch nichts; vielleicht ist das ein privates Fenster
identity-not-kept = der Browser hat sie nicht gespeichert
