## What is kept in the browser.

stored-title = Kept in this browser
stored-open = Open
stored-open-name = Open { $name }
stored-remove = Remove
stored-remove-name = Remove { $name } from this browser
