## What is under “Advanced”.

advanced-title = Advanced
advanced-policy = Which piece comes next
advanced-down = Coming in, at most
advanced-up = Going out, at most
advanced-no-limit = no limit
advanced-unit = MB/s
