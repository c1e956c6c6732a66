## Wer man hier ist, und auf anderen Geräten.

you-are = Du bist { $name }
you-title = Du
you-done = Fertig
you-rename = Namen ändern
you-elsewhere = Diese Identität auf einem anderen Gerät verwenden
you-show-link = Link anzeigen
you-link = Link für dein anderes Gerät
you-offer = Deine Identität von einem anderen Gerät hier verwenden?
you-looking = Es wird nachgesehen, was dieser Browser verlieren würde …
you-stay = Nein, ich bleibe, wer ich bin
you-take = Hier verwenden
you-not-taken = Deine Identität wurde nicht übernommen ({ $why }). Du bist, wer du warst.
you-link-broken = Dieser Link lässt sich nicht lesen
you-link-damaged = Der Link ist unvollständig: Was hinter #identity= steht, ist abgeschnitten oder beschädigt. Kopiere ihn auf deinem anderen Gerät noch einmal ganz.
you-without = Ohne ihn weitermachen
