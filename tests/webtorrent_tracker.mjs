// WebTorrent's tracker, so that two tabs find each other in `cargo xtask bench --browser`.
//
//     webtorrent_tracker.mjs FOLDER   prints `listening on ws://127.0.0.1:N`; FOLDER holds node_modules

const { default: Server } = await import(`${process.argv[2]}/node_modules/bittorrent-tracker/server.js`);
const server = new Server({ http: false, udp: false, ws: true, stats: false });
server.on('error', (error) => { throw error; });
server.listen(0, '127.0.0.1', () => console.log(`listening on ws://127.0.0.1:${server.ws.address().port}`));
