## Links that let people in.

invites-only-here = Links von hier funktionieren nur auf diesem Computer, weil diese Seite unter einer Adresse offen ist, die nur hier gilt. Öffne die Seite unter der Adresse, unter der andere den Server erreichen, dann gelten die Links auch für andere.
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
invites-none-open = Es gibt keinen gültigen Link.
invites-open = { $count ->
        [one] 1 Link ist gültig
       *[other] { $count } Links sind gültig
    }.
invites-made-elsewhere = Du hast diesen Link in einem anderen Browser oder Programm erstellt, und nur dort ist er bekannt.
invites-made-by = { $name } hat diesen Link erstellt, und niemand sonst kennt ihn.
