## Giving to others over a connection that costs.

metered-saves-data = Your browser is set to save data, so this tab gives nothing to the others.
metered-mobile = You are on a mobile connection, so this tab gives nothing to the others.
metered-goes-on = Your download goes on.
metered-give = Help the others anyway
