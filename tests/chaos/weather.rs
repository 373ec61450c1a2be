//! When something was wrong with the server or the network, and when commands could come late.

use std::fmt;
use std::time::Duration;

use cached_testing::{Action, ChaosProxy, Fault, RedisServer, Scenario};

use crate::journal::Span;
use crate::time::now;

/// What an outage held back has arrived so long after its end.
const SETTLED: Duration = Duration::from_millis(500);

/// What was wrong, and when it really was: a machine that is busy takes its time to start a server.
pub(crate) struct Outage {
    pub(crate) what: String,
    pub(crate) span: Span,
    /// What was sent meanwhile can arrive later than what is sent after it.
    pub(crate) holds_back: bool,
}

#[derive(Default)]
pub(crate) struct Weather {
    pub(crate) outages: Vec<Outage>,
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
                if let Some(outage) = weather.outages.last_mut() {
                    outage.span.1 = from;
                }
                clear = clear.or(Some(from + SETTLED));
            }
            action => {
                let from = weather.quiet.last().map_or(Duration::ZERO, |quiet| quiet.1);
                let (what, holds_back) = (action.to_string(), holds_back(action));
                weather.outages.push(Outage { what, span: (from, from), holds_back });
                if holds_back {
                    weather.clear.extend(clear.take().map(|since| (since, from)));
                }
            }
        });
        done.unwrap();
        weather.clear.extend(clear.map(|from| (from, now())));
        weather
    }
}

impl fmt::Display for Outage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({:.3?} to {:.3?})", self.what, self.span.0, self.span.1)
    }
}

impl fmt::Display for Weather {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("by the same clock:")?;
        self.outages.iter().try_for_each(|outage| write!(f, " {outage}"))
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
