## Figures: how many of what.

people = { $count ->
    [one] 1 person
   *[other] { $count } people
}
pieces = { $count ->
    [one] 1 piece
   *[other] { $count } pieces
}
