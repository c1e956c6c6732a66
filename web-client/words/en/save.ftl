## Saving a download where the person wants it.

save-progress = Saved
save-cancel = Do not save it there
save-more = Show more
save-one = Save
save-one-name = Save { $name }
