## While a film is played.

# $from: "clock", at this moment of the film; else its beginning.
playing-getting = { $from ->
        [clock] Der Teil bei { $clock }
       *[start] Der Anfang
    } wird geholt …
playing-nobody = Warte auf { $from ->
        [clock] den Teil bei { $clock }
       *[start] den Anfang
    }. Niemand, der hier ist, hat ihn; es geht von selbst weiter, sobald ihn jemand hat.
playing-waiting = Warte auf { $from ->
        [clock] den Teil bei { $clock }
       *[start] den Anfang
    }: { $count ->
        [one] 1 Person hat ihn
       *[other] { $count } Leute haben ihn
    }.
playing-insecure = Diese Seite kam ohne HTTPS, und Browser lassen eine solche Seite nur abspielen, was ganz da ist. Der Download geht weiter, und es spielt, sobald alles da ist.
playing-no-service = Dieser Browser lässt diese Seite nicht abspielen, was noch unterwegs ist, wie in einem privaten Fenster oder wenn Websitedaten blockiert sind. Der Download geht weiter, und es spielt, sobald alles da ist.
playing-unknown = Dieser Browser kann { $name } nicht abspielen: Er kennt diese Art von Film oder Musik nicht. Der Download geht weiter; ist es gespeichert, spielt es ein anderes Programm ab, etwa VLC.
playing-damaged = Dieser Browser kann { $name } nicht weiter abspielen: Er versteht nicht, was hier kommt. Geh zu einer anderen Stelle, oder öffne es mit einem anderen Programm, etwa VLC, wenn es gespeichert ist.
playing-stopped = { $name } wurde unterbrochen, weil ein Teil davon nicht zu lesen war. Schließe den Player, und drück auf Abspielen, um es noch einmal zu versuchen.
# In the player's menu.
playing-subtitles = Untertitel
