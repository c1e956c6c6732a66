## A tab that was asleep.

sleep-hours = { $count ->
        [one] 1 hour
       *[other] { $count } hours
    }
sleep-woken = This tab was asleep for { $long }: the browser stopped it, or the computer slept. Nothing is lost, and it goes on now.
