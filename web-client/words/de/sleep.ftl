## A tab that was asleep.

sleep-hours = { $count ->
        [one] 1 Stunde
       *[other] { $count } Stunden
    }
sleep-woken = Dieser Tab hat { $long } geschlafen: Der Browser hat ihn angehalten, oder der Computer schlief. Nichts ist verloren, und es geht jetzt weiter.
