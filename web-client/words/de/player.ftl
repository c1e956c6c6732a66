## Das Abspielen.

player-play = ▶ Abspielen
player-play-name = Abspielen: { $name }
player-parts = Eine Datei daraus abspielen
player-title = { $name } wird abgespielt
player-close = Schließen
player-close-name = Schließen: { $name }
