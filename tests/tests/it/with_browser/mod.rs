//! What a tab does. These run one at a time: a browser and three programs on two cores starve each other.

mod behind_proxies;
mod bridge;
mod browser_downloads;
mod browser_trouble;
mod faulty_proxies;
mod group_life;
mod kept_pieces;
mod keyboard;
mod landing;
mod making_groups;
mod notifications;
mod ordinary_clients;
mod own_client;
mod pasted_links;
mod policies;
mod reached_servers;
mod restarts;
mod server_tls;
mod several_files;
mod shared_folders;
mod sleeping_tabs;
mod small_files;
mod tab_memory;
mod taps;
mod views;
