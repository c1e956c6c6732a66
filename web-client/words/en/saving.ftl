## Saving a download where the person wants it.

saving-folder = All of it is in this browser. Choose how to save it.
saving-early = You can already choose: it is saved by itself when all of it is here.
saving-button-file = Save to …
saving-button-folder = Save in a folder …
saving-button-zip = Save as ZIP
# $kind: "folder", "file", or the browser's downloads, which have no name.
saving-waits = It is saved { $kind ->
        [folder] in the folder { $place }
        [file] as { $place }
       *[downloads] in your downloads
    } by itself when all of it is here.
saving-writes = Saving { $kind ->
        [folder] in the folder { $place }
        [file] as { $place }
       *[downloads] in your downloads
    }: { $done } of { $total }.
saving-saved = { $name } is saved { $kind ->
        [folder] in the folder { $place }
       *[file] as { $place }
    }.
saving-handed-over = { $name } was given to your browser to save.
saving-refused = { $name } was not saved: the browser was not allowed to write there. Press the button again and say yes, or choose another place.
saving-no-room = { $name } was not saved: the disk is full. Free some space and press the button again, or choose another place. What was downloaded is still here.
saving-in-use = { $name } was not saved: the file is open in another program. Close it there and press the button again, or choose another name.
saving-place-gone = { $name } was not saved: the place was moved, renamed or removed meanwhile. Press the button again and choose another one.
saving-unreadable = { $name } was not saved: this browser cannot read what it has downloaded ({ $what }). Load the page again: what is there is checked, and the rest is fetched again.
saving-not-kept = { $name } was written, but is not there as it should be. What was downloaded is still in this browser: choose another place.
saving-cancelled = Saving { $name } was cancelled. Files that were whole by then stay where they are.
saving-other = { $name } was not saved: the browser refused ({ $what }). Choose another place, or save it as a ZIP archive or file by file.
saving-moved = { $name } was changed, moved or removed after it was saved, so nobody gets it from this tab any more. Drop it on this page to share it again.
saving-not-asked = The browser did not ask for a place. Press the button once more, or use another one.
saving-not-asked-because = The browser did not ask for a place ({ $error }). Use another button.
saving-left-out = { $count ->
        [one] 1 file was left out
       *[other] { $count } files were left out
    } ({ $names }), since this browser lets no page write files with such names: save them one by one, or as a ZIP archive.
saving-files = { $count ->
        [one] 1 file
       *[other] { $count } files
    }

save-progress = Saved
save-cancel = Do not save it there
save-more = Show more
save-one = Save
save-one-name = Save { $name }
