//! Asking several who should know the same.

use std::future::Future;
use std::time::Duration;

use cached_core::{Error, ErrorKind};
use futures_util::stream::{FuturesUnordered, StreamExt};

/// How long one may take before the next is asked as well; the others are given their chance long
/// before the caller runs out of patience.
const STAGGER: Duration = Duration::from_millis(30);

/// Asks one after the other, each a moment after the one before, and takes the first answer.
///
/// If there is none, it returns the failure that says most about what is wrong.
pub(crate) async fn race<T, F>(askings: impl IntoIterator<Item = F>) -> Result<T, Option<Error>>
where
    F: Future<Output = Result<T, Error>>,
{
    let mut waiting = askings.into_iter();
    let mut asked = FuturesUnordered::new();
    let mut failure: Option<Error> = None;
    loop {
        let Some(next) = waiting.next() else { break };
        asked.push(next);
        match tokio::time::timeout(STAGGER, asked.next()).await {
            Ok(Some(Ok(answer))) => return Ok(answer),
            Ok(Some(Err(error))) => keep(&mut failure, error),
            Ok(None) | Err(_) => {}
        }
    }
    while let Some(outcome) = asked.next().await {
        match outcome {
            Ok(answer) => return Ok(answer),
            Err(error) => keep(&mut failure, error),
        }
    }
    Err(failure)
}

fn keep(kept: &mut Option<Error>, error: Error) {
    if kept.as_ref().is_none_or(|kept| weight(kept) < weight(&error)) {
        *kept = Some(error);
    }
}

/// A mistake in the settings says more than a refusal, and that more than a host that is away.
fn weight(error: &Error) -> u8 {
    match error.kind() {
        ErrorKind::Config => 2,
        ErrorKind::Unavailable if std::error::Error::source(error).is_none() => 1,
        _ => 0,
    }
}
