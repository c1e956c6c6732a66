## Links that let people in.

invites-only-here = Links von hier gehen nur auf diesem Computer, wegen der Adresse, unter der diese Seite offen ist. Öffne die Seite unter der Adresse, unter der andere den Server erreichen, dann gelten ihre Links auch für sie.
invites-any-number = beliebig viele
invites-asks = Fragt erst einen Admin
invites-lets-in = Lässt Leute sofort herein
invites-for-any-number = beliebig viele Leute
invites-used-up = aufgebraucht
invites-uses-left = { $count ->
        [one] noch 1 Person
       *[other] noch { $count } Leute
    }
invites-until = bis { $date }
invites-none-open = Kein Link ist offen.
invites-open = { $count ->
        [one] 1 Link ist offen
       *[other] { $count } Links sind offen
    }.
invites-made-elsewhere = Du hast diesen Link in einem anderen Browser oder Programm gemacht, und nur das kennt ihn.
invites-made-by = { $name } hat diesen Link gemacht, und niemand sonst kennt ihn.
