## A group's files.

files-given-to-browser = It was given to your browser to save. If it is not in your downloads, press Save.
files-preparing = { $size } · being prepared by { $name }
files-nobody = { $size } · from { $name } · nobody who has all of it is online
files-holders = { $size } · from { $name } · { $count ->
        [one] 1 person has it
       *[other] { $count } people have it
    }
files-own-preparing = { $size } · you are preparing it
files-own = { $size } · shared from this tab
files-own-holders = { $size } · shared from this tab · { $count ->
        [one] 1 person has it too
       *[other] { $count } people have it too
    }
files-drop-again = You shared it. Drop it here again, and the downloads of all who want it go on.
