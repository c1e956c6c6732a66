## The home page.

home-title = Big files, from friend to friend
home-lead = Drop files or a folder anywhere on this page, or choose them.
home-paste = Or paste the link that somebody sent you. Without one, a group's two words will do: with them you ask to join.
home-paste-example = https://… or lively-otter
home-open = Open
home-terminal = Share from a terminal
home-terminal-here = On this computer, this command shares a file without a tab, for as long as you like. It prints a link at once, however big the file is.
home-terminal-any = On a computer, this command shares a file without a tab, for as long as you like. It prints a link at once, however big the file is.
home-terminal-command = the command that shares a file
home-groups = Your groups
home-refused = did not let you in
home-waiting = waiting to be let in
