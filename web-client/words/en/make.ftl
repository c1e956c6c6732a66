## Making a group.

make-title = Make a group
make-name = What the group is called
make-name-example = Cabin trip
make-button = Make a group
make-under-way = Making the group …
make-password = The server's password
