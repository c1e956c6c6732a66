## While a film is played.

# $from: "clock", at this moment of the film; else its beginning.
playing-getting = Getting { $from ->
        [clock] the part at { $clock }
       *[start] the beginning
    } …
playing-nobody = Waiting for { $from ->
        [clock] the part at { $clock }
       *[start] the beginning
    }. Nobody here has it; it goes on by itself as soon as somebody does.
playing-waiting = Waiting for { $from ->
        [clock] the part at { $clock }
       *[start] the beginning
    }: { $count ->
        [one] 1 person has it
       *[other] { $count } people have it
    }.
playing-insecure = This page came without HTTPS, and browsers let such a page play only what is here as a whole. The download goes on, and it plays as soon as all of it is here.
playing-no-service = This browser does not let this page play what is still on its way, as in a private window or with site data blocked. The download goes on, and it plays as soon as all of it is here.
playing-unknown = This browser cannot play { $name }: it does not know this kind of film or music. The download goes on; once it is saved, another program, such as VLC, plays it.
playing-damaged = This browser cannot play { $name } any further: it does not understand what comes here. Go to another part of it, or open it with another program, such as VLC, once it is saved.
playing-stopped = Playing { $name } was interrupted, since a part of it could not be read. Close the player, and press Play to try again.
playing-no-sound = This browser plays music only where it can be heard, and this computer has no sound output now. Connect one or switch it on. Then close the player, and press Play again.
# In the player's menu.
playing-subtitles = Subtitles
