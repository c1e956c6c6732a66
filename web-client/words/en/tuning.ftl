## What may be chosen under "Advanced".

tuning-rarest = Rarest first
tuning-random = Random
tuning-in-order = In order
tuning-equal = Equal shares
tuning-by-speed = Shares by speed
tuning-another = Another order
tuning-rarest-why = The pieces that the fewest people have come first. Best for everybody together.
tuning-random-why = Any piece that somebody has.
tuning-in-order-why = From the beginning to the end.
tuning-equal-why = Everybody who has the file gives one stretch of it, all of the same length.
tuning-by-speed-why = Everybody who has the file gives one stretch of it: the faster they are, the longer it is.
tuning-another-why = An order that this page does not know.
tuning-down = at most { $rate } MB/s in
tuning-up = at most { $rate } MB/s out
tuning-no-number = Type a number, like 5 or 0.5.
tuning-no-unit = The unit can be kB/s, MB/s or GB/s; without one it is MB/s.
tuning-too-slow = That is too slow to ever get done. Leave it empty for no limit.
tuning-too-fast = No connection is that fast. Leave it empty for no limit.
