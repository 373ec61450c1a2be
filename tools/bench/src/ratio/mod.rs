//! How often what is asked for is there.

mod recorded;
mod traces;

use std::path::PathBuf;

pub(crate) use recorded::Recorded;
pub(crate) use traces::{Generated, Scale};

use crate::report::{OURS, Report, rounded};
use crate::subjects::BoxError;
use crate::subjects::objects::{self, Maker};
use crate::targets::Wanted;

/// The peers whose eviction ours is measured by.
pub(crate) const RIVALS: [&str; 2] = ["moka", "quick_cache"];

/// Measures all subjects on all traces.
pub(crate) fn run(
    quick: bool,
    policies: bool,
    files: &[PathBuf],
    report: &mut Report,
) -> Result<(), BoxError> {
    // Before the others, which take a while, so that a bad file does not cost it.
    let recorded: Result<Vec<_>, _> = files.iter().map(|file| Recorded::read(file)).collect();
    let recorded = recorded?;
    let scale = match quick {
        false => Scale { keys: 1_000_000, len: 4_000_000 },
        true => Scale { keys: 100_000, len: 400_000 },
    };
    let mut makers = objects::bounded();
    if policies {
        makers.extend(objects::other_policies());
    }
    replay_generated(&Generated::ALL, scale, &makers, report)?;
    for Recorded { name, keys, requests } in &recorded {
        for capacity in capacities(*keys) {
            replay(name, requests, capacity, &makers, report)?;
        }
    }
    report.aim_at_hit_ratios();
    Ok(())
}

/// Replays drawn traces at all capacities.
pub(crate) fn replay_generated(
    traces: &[Generated],
    scale: Scale,
    makers: &[Maker],
    report: &mut Report,
) -> Result<(), BoxError> {
    for trace in traces {
        let mut requests = Vec::new();
        for capacity in capacities(scale.keys) {
            if requests.is_empty() || trace.depends_on_capacity() {
                requests = trace.draw(scale, capacity);
            }
            replay(&trace.name(), &requests, capacity, makers, report)?;
        }
    }
    Ok(())
}

/// Returns 0.1 %, 1 % and 10 % of the keys.
fn capacities(keys: usize) -> [usize; 3] {
    [1000, 100, 10].map(|part| (keys / part).max(1))
}

fn replay(
    trace: &str,
    requests: &[u32],
    capacity: usize,
    makers: &[Maker],
    report: &mut Report,
) -> Result<(), BoxError> {
    let ratio = |maker: &Maker| -> Result<_, BoxError> {
        let hits = maker.make(capacity)?.replay(requests);
        Ok(hits as f64 / requests.len() as f64)
    };
    let ratios = makers.iter().map(ratio).collect::<Result<Vec<f64>, _>>()?;
    let names = makers.iter().map(|maker| maker.name.as_str());
    let ratios: Vec<_> = names.zip(ratios).collect();
    report.add_hit_ratios(trace, capacity, &ratios);
    Ok(())
}

impl Report {
    /// Aims at what is wanted of hit ratios on all traces.
    fn aim_at_hit_ratios(&mut self) {
        self.aim_at_worst_points();
        let points: Vec<f64> = self.points.iter().map(|it| it.points).collect();
        let ahead = points.iter().filter(|&&points| points > 0.0).count();
        let share = (!points.is_empty()).then(|| ahead as f64 / points.len() as f64);
        let row =
            format!("hit ratio, share of traces and capacities ahead of {}", RIVALS.join("/"));
        self.aim(&row, Wanted::AtLeast(rounded(1.0 / 3.0, 1000.0)), share);
    }

    /// Aims at how far our hit ratio may be below that of the better rival.
    pub(crate) fn aim_at_worst_points(&mut self) {
        let worst = self.points.iter().min_by(|a, b| a.points.total_cmp(&b.points));
        let at = worst.map_or(String::new(), |it| format!(", {} in {}", it.trace, it.capacity));
        let row = format!("hit ratio, points over the better of {}{at}", RIVALS.join("/"));
        self.aim(&row, Wanted::AtLeast(-1.0), worst.map(|it| it.points));
    }
}

/// Returns how many points our hit ratio is above the best of the rivals.
pub(crate) fn points(ratios: &[(&str, f64)]) -> Option<f64> {
    let of =
        |subject: &str| ratios.iter().find(|(name, _)| *name == subject).map(|(_, ratio)| *ratio);
    let best = RIVALS.iter().filter_map(|rival| of(rival)).reduce(f64::max)?;
    Some(100.0 * (of(OURS)? - best))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_are_over_the_better_rival() {
        let ratios = [("moka", 0.2), ("cached", 0.9), ("quick_cache", 0.3), (OURS, 0.25)];
        assert!((points(&ratios).unwrap() + 5.0).abs() < 1e-9);
        assert!(points(&ratios[..3]).is_none() && points(&ratios[3..]).is_none());
    }

    #[test]
    fn the_worst_trace_and_the_share_ahead_are_targets() {
        let mut report = Report::default();
        let trace = |ours: f64| [(OURS, ours), ("moka", 0.5), ("quick_cache", 0.4)];
        report.add_hit_ratios("a", 10, &trace(0.6));
        report.add_hit_ratios("b", 20, &trace(0.495));
        report.add_hit_ratios("c", 10, &trace(0.5));
        report.aim_at_hit_ratios();
        let [worst, share] = report.targets.as_slice() else { panic!("{:?}", report.targets) };
        assert!(worst.row.ends_with("b in 20") && worst.met, "{worst:?}");
        assert_eq!((worst.measured, share.measured, share.met), (Some(-0.5), Some(0.333), true));
    }

    #[test]
    fn every_maker_has_its_ratio_at_each_capacity() {
        let mut report = Report::default();
        let makers: Vec<_> =
            objects::bounded().into_iter().chain(objects::other_policies()).collect();
        let scale = Scale { keys: 1000, len: 2000 };
        replay_generated(&[Generated::Zipf(1.0), Generated::Loop], scale, &makers, &mut report)
            .unwrap();
        assert_eq!(report.hit_ratios.len(), 2 * 3 * makers.len());
        let ours = |capacity| {
            let mut of = report.hit_ratios.iter().filter(|it| it.trace == "zipf-1.0");
            of.find(|it| it.capacity == capacity && it.subject == OURS).unwrap().hit_ratio
        };
        assert!(ours(1) < ours(10) && ours(10) < ours(100) && ours(100) < 0.8);
    }
}
