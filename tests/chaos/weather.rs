//! When something was wrong with the server or the network, and when commands could come late.

use std::time::Duration;

use cached_testing::{Action, ChaosProxy, Fault, RedisServer, Scenario};

use crate::journal::Span;
use crate::time::now;

/// What an outage held back has arrived so long after its end.
const SETTLED: Duration = Duration::from_millis(500);

#[derive(Debug, Default)]
pub(crate) struct Weather {
    /// When nothing was wrong.
    pub(crate) quiet: Vec<Span>,
    /// When nothing was on its way that had been given up.
    ///
    /// A write that is held back, and overtaken by a later one on another connection, is outside of
    /// what is promised: `docs/decisions/0004-fences-in-a-process.md`.
    pub(crate) clear: Vec<Span>,
}

impl Weather {
    /// Carries out a scenario, and returns when what was the case.
    pub(crate) fn of(scenario: &Scenario, server: &mut RedisServer, proxy: &ChaosProxy) -> Weather {
        let mut weather = Weather::default();
        // Since when it is clear; nothing while it is not.
        let mut clear = Some(now());
        let done = scenario.run(server, proxy, |step| match &step.action {
            Action::Quiet => {
                let from = now();
                weather.quiet.push((from, from + step.lasts));
                clear = clear.or(Some(from + SETTLED));
            }
            action if holds_back(action) => {
                let until = weather.quiet.last().map_or(Duration::ZERO, |quiet| quiet.1);
                weather.clear.extend(clear.take().map(|from| (from, until)));
            }
            _ => {}
        });
        done.unwrap();
        weather.clear.extend(clear.map(|from| (from, now())));
        weather
    }
}

/// Tells whether what was sent meanwhile can arrive later than what is sent after it.
fn holds_back(action: &Action) -> bool {
    match action {
        Action::Pause => true,
        Action::Fault(fault) => !matches!(
            fault,
            Fault::Refuse | Fault::Reset | Fault::CutReply { .. } | Fault::SlowClose { .. }
        ),
        _ => false,
    }
}
