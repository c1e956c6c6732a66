//! Trackers over HTTP: BEP 3, with 7, 23, 27, 31 and 48.

mod failure;
mod percent;
mod query;
mod reading;
mod response;
mod scrape;

pub use failure::{AnswerError, Failure};
pub use query::{AnnounceQuery, QUERY_LEN_MAX, QueryError};
pub use response::{AnnounceResponse, Listed, PeerForm, RESPONSE_LEN_MAX};
pub use scrape::{ScrapeResponse, append_scrape, read_scrape_query, scrape_url};
