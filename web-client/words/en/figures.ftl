## Figures: how many of what.

decimal-sign = .
people = { $count ->
    [one] 1 person
   *[other] { $count } people
}
days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
names-two = { $first } and { $second }
names-three = { $first }, { $second } and { $third }
names-more = { $first }, { $second } and { $count } others
