## Sharing out of the tab.

share-before = You shared this before
share-forget = Forget
share-forget-name = Do not share { $name } again
share-choose-files = Choose files
share-choose-folder = Choose a folder
share-add-files = Add files
share-add-folder = Add a folder
share-has = What { $name } has
share-send = Send this link
share-no-link = This browser knows no open link into the group.
share-make-link = Make a link
share-link = the link
share-whoever = Whoever opens it gets the files in the browser, with nothing to install.
share-terminal = In a terminal
share-prepared = Prepared
share-sent = Given to others
share-up = Going out
share-copies = Full copies online
share-copies-yours = yours
share-copies-more = { $copies }, and yours
