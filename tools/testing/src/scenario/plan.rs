//! Chooses the steps of a scenario.

use std::time::Duration;

use super::{Action, Step};
use crate::proxy::Fault;
use crate::rng::Rng;

/// The shortest and the longest quiet phase before the first outage.
const BEGIN: [Duration; 2] = [Duration::from_millis(500), Duration::from_millis(1_500)];
/// The shortest and the longest outage. What ends it, such as a restart, takes up to 300 ms more,
/// so that it is over after 2.5 seconds.
const OUTAGE: [Duration; 2] = [Duration::from_millis(200), Duration::from_millis(2_200)];
/// The shortest and the longest quiet phase between two outages.
const QUIET: [Duration; 2] = [Duration::from_millis(2_500), Duration::from_millis(4_000)];

/// Returns the steps; together they take exactly `length`, and the last one is quiet.
pub(super) fn plan(seed: u64, length: Duration) -> Vec<Step> {
    let mut rng = Rng::new(seed);
    let mut steps = Vec::new();
    let mut quiet_from = Duration::ZERO;
    let mut at = rng.duration(BEGIN[0], BEGIN[1]);
    // Drawn whether it is used or not: a longer scenario begins as a shorter one does.
    loop {
        let action = outage(&mut rng);
        let lasts = match action {
            Action::ClientKill => Duration::ZERO,
            _ => rng.duration(OUTAGE[0], OUTAGE[1]),
        };
        if at + lasts + QUIET[0] > length {
            break;
        }
        steps.push(Step { at: quiet_from, lasts: at - quiet_from, action: Action::Quiet });
        steps.push(Step { at, lasts, action });
        quiet_from = at + lasts;
        at = quiet_from + rng.duration(QUIET[0], QUIET[1]);
    }
    let lasts = length.saturating_sub(quiet_from);
    steps.push(Step { at: quiet_from, lasts, action: Action::Quiet });
    steps
}

/// Returns an outage: the network's as often as the server's.
fn outage(rng: &mut Rng) -> Action {
    match rng.below(10) {
        0 => Action::Kill,
        1 => Action::Pause,
        2 => Action::ClientKill,
        3 => Action::FillMemory,
        4 => Action::Loading,
        _ => Action::Fault(fault(rng)),
    }
}

fn fault(rng: &mut Rng) -> Fault {
    let millis = Duration::from_millis;
    match rng.below(8) {
        0 => {
            let delay = rng.duration(millis(5), millis(300));
            Fault::Latency { delay, jitter: rng.duration(Duration::ZERO, millis(100)) }
        }
        1 => Fault::Bandwidth { bytes_per_second: 500 + rng.below(20_000) as u32 },
        2 => Fault::BlackHole,
        3 => Fault::Refuse,
        4 => Fault::Reset,
        5 => Fault::CutReply { after_bytes: rng.below(200) as usize },
        6 => Fault::SlowClose { delay: rng.duration(millis(50), millis(1_000)) },
        _ => Fault::HalfOpen,
    }
}
