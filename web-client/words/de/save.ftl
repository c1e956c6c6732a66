## Einen Download speichern, wo man will.

save-progress = Gespeichert
save-cancel = Doch nicht dort speichern
save-more = Mehr anzeigen
save-one = Speichern
save-one-name = Speichern: { $name }
