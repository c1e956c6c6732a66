## Figures: how many of what.

people = { $count ->
    [one] 1 Person
   *[other] { $count } Leute
}
pieces = { $count ->
    [one] 1 Stück
   *[other] { $count } Stücke
}
