## Where pieces are, and what earlier visits began.

storing-disk = What has come is kept in this browser: you may load the page again, or come back later.
storing-database = What has come is kept in this browser, except for the last seconds: you may load the page again, or come back later.
storing-chosen = It is where you saved it, and others get it from there.
storing-no-disk = What has come is kept in memory, since a page without HTTPS has no other place: if it is loaded again, the download begins anew.
storing-failing = What has come is kept in memory, since this browser keeps no files for this page: if it is loaded again, the download begins anew.
storing-slow = What has come is kept in memory, as in every private window: if the page is loaded again, the download begins anew.
storing-full = What has come is kept in memory, since the disk has no room for all of it: if the page is loaded again, the download begins anew. Free some space to go on after that.
storing-other-tab = Another tab of this browser has this file already. This one keeps its own copy in memory: close one of them, unless you want it twice.
storing-wanted = What has come is kept in memory, as the address says: if the page is loaded again, the download begins anew.
storing-whole = All of { $name } is in this browser.
storing-part = You had { $percent } % of { $name }.
storing-open = Open
storing-continue = Continue
storing-room = { $have } of { $size } on this computer's disk
storing-elsewhere = It is open in another tab of this browser: go on there, or close that tab.
storing-not-shared = It is not shared with you any more, so it cannot go on.
