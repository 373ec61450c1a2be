//! One run: a server, a network, callers, and what goes wrong with the former.

use std::time::Duration;

use cached_testing::{ChaosProxy, RedisServer, Scenario};

use crate::callers::Callers;
use crate::fixture::{connect, install, runtime, uninstall};
use crate::judge::{Evidence, Figures};
use crate::leftovers::Counts;
use crate::weather::Weather;
use crate::{lag, pulse};

/// How long a run may take beside its scenario.
pub(crate) const AROUND: Duration = Duration::from_secs(50);
/// With less than this, a run has shown nothing.
const FEWEST_CALLS: usize = 500;
const FEWEST_CHANGES: usize = 20;

/// Carries out the scenario of a seed, and returns the figures or everything that was wrong.
pub(crate) fn run(scenario: &Scenario) -> Result<Figures, Vec<String>> {
    let mut server = RedisServer::start().unwrap();
    let proxy = ChaosProxy::start_seeded(server.port(), scenario.seed()).unwrap();
    let runtime = runtime();
    let lag = lag::Watch::start(&runtime);
    uninstall();
    let before = Counts::take(&runtime, &server, &proxy);

    let store = connect(proxy.url()).build().unwrap();
    install("chaos", store.clone());
    let pulse = pulse::Watch::start(store);
    let callers = Callers::start(&runtime, scenario.seed());
    let weather = Weather::of(scenario, &mut server, &proxy);
    let (journal, pulse) = (callers.stop(&runtime), pulse.stop());

    uninstall();
    let after = before.come_back(|| Counts::take(&runtime, &server, &proxy));
    let evidence = Evidence { journal, weather, lag: lag.stop(&runtime) };
    let figures = evidence.figures();
    let mut violations = evidence.violations();
    if let Err(after) = after {
        violations.push(format!("it leaves something behind: {before:?}, then {after:?}"));
    }
    if figures.calls < FEWEST_CALLS || figures.changes < FEWEST_CHANGES {
        violations.push(format!("so little shows nothing: {figures}"));
    }
    if !violations.is_empty() {
        violations.push(format!("{}; {pulse}", evidence.weather));
    }
    if violations.is_empty() { Ok(figures) } else { Err(violations) }
}
