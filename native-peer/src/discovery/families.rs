//! A tracker that has addresses of both families is announced to over each (BEP 7): those who come over one see us at an
//! address of that.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::time::timeout;

use super::trackers::{Answer, Failed};

/// For the other family once one has answered: many a network has addresses of IPv6 and leads nowhere.
const OTHER_WITHIN: Duration = Duration::from_secs(2);

/// The answers to all of these asks as one. That one fails is no failure while another does not.
///
/// # Errors
/// All fail; the first one.
pub(super) async fn ask_all<F>(asks: impl IntoIterator<Item = F>) -> Result<Answer, Failed>
where
    F: Future<Output = Result<Answer, Failed>>,
{
    ask_with(asks, OTHER_WITHIN).await
}

async fn ask_with<F>(asks: impl IntoIterator<Item = F>, other_within: Duration) -> Result<Answer, Failed>
where
    F: Future<Output = Result<Answer, Failed>>,
{
    let mut asks: FuturesUnordered<F> = asks.into_iter().collect();
    let mut failure = None;
    let mut answer = loop {
        match asks.next().await {
            Some(Ok(answer)) => break answer,
            Some(Err(failed)) => failure = failure.or(Some(failed)),
            None => return Err(failure.unwrap_or_else(|| Failed::because("it has no address"))),
        }
    };
    while let Ok(Some(other)) = timeout(other_within, asks.next()).await {
        if let Ok(other) = other {
            merge(&mut answer, other);
        }
    }
    Ok(answer)
}

/// The more patient of both terms hold.
fn merge(answer: &mut Answer, other: Answer) {
    answer.terms.interval = answer.terms.interval.max(other.terms.interval);
    answer.terms.min_interval = answer.terms.min_interval.max(other.terms.min_interval);
    answer.terms.tracker_id = answer.terms.tracker_id.take().or(other.terms.tracker_id);
    answer.seeders = answer.seeders.max(other.seeders);
    answer.leechers = answer.leechers.max(other.leechers);
    answer.warning = answer.warning.take().or(other.warning);
    let news = other.addresses.into_iter().filter(|address| !answer.addresses.contains(address));
    let news: Vec<_> = news.collect();
    answer.addresses.extend(news);
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use futures_util::FutureExt;
    use futures_util::future::BoxFuture;
    use tracker_wire::Terms;

    use super::*;

    fn answer(interval: u32, addresses: &[&str]) -> BoxFuture<'static, Result<Answer, Failed>> {
        let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
        let terms = Terms { interval: Some(interval), min_interval: None, tracker_id: None };
        ready(Ok(Answer { terms, addresses, seeders: Some(interval), leechers: None, warning: None })).boxed()
    }

    fn failed(reason: &str) -> BoxFuture<'static, Result<Answer, Failed>> {
        ready(Err(Failed::because(reason))).boxed()
    }

    #[tokio::test]
    async fn what_both_families_tell_is_one_answer_and_the_longer_interval_holds() {
        let both =
            ask_all([answer(60, &["1.2.3.4:5"]), answer(1800, &["1.2.3.4:5", "[2001:db8::1]:6"])]).await.unwrap();
        let addresses: Vec<String> = both.addresses.iter().map(ToString::to_string).collect();
        assert_eq!(addresses, ["1.2.3.4:5", "[2001:db8::1]:6"]);
        assert_eq!((both.terms.interval, both.seeders), (Some(1800), Some(1800)));
    }

    #[tokio::test]
    async fn a_family_that_fails_or_is_silent_is_no_failure_while_the_other_answers() {
        for other in [failed("unreachable"), pending().boxed()] {
            let asks = [other, answer(60, &["1.2.3.4:5"])];
            assert_eq!(ask_with(asks, Duration::from_millis(1)).await.unwrap().addresses.len(), 1);
        }
        let none = ask_all([failed("first"), failed("second")]).await.unwrap_err();
        assert_eq!(none.reason, "first");
    }
}
