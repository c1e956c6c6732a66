## While a film is played.

# $from: "clock", at this moment of the film; else its beginning.
playing-getting = { $from ->
        [clock] Der Teil ab { $clock }
       *[start] Der Anfang
    } wird geholt …
playing-nobody = Es fehlt noch { $from ->
        [clock] der Teil ab { $clock }
       *[start] der Anfang
    }. Niemand, der hier ist, hat ihn; es geht von selbst weiter, sobald ihn jemand hat.
playing-waiting = Es fehlt noch { $from ->
        [clock] der Teil ab { $clock }
       *[start] der Anfang
    }: { $count ->
        [one] 1 Person hat ihn
       *[other] { $count } Leute haben ihn
    }.
playing-insecure = Diese Seite wurde ohne HTTPS geladen, und dann lassen Browser sie nur abspielen, was ganz da ist. Der Download geht weiter, und die Wiedergabe beginnt, sobald alles da ist.
playing-no-service = Dieser Browser lässt diese Seite nichts abspielen, was noch unterwegs ist: Vielleicht ist das ein privates Fenster, oder Websitedaten sind blockiert. Der Download geht weiter, und die Wiedergabe beginnt, sobald alles da ist.
playing-unknown = Dieser Browser kann { $name } nicht abspielen: Er kennt diese Art von Film oder Musik nicht. Der Download geht weiter; ist alles gespeichert, kann ein anderes Programm es abspielen, etwa VLC.
playing-damaged = Dieser Browser kann { $name } nicht weiter abspielen: Er versteht nicht, was hier kommt. Spring zu einer anderen Stelle, oder öffne es mit einem anderen Programm, etwa VLC, wenn es gespeichert ist.
playing-stopped = Die Wiedergabe von { $name } wurde unterbrochen, weil ein Teil davon nicht zu lesen war. Schließe den Player, und drück auf „Abspielen“, um es noch einmal zu versuchen.
playing-no-sound = Dieser Browser spielt Musik nur, wo sie zu hören ist, und dieser Computer hat gerade keine Tonausgabe. Schließ eine an oder schalte sie ein. Dann schließe den Player, und drück noch einmal auf „Abspielen“.
# In the player's menu.
playing-subtitles = Untertitel
