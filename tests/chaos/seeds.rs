//! Which seeds are tried: `CACHED_CHAOS_SEEDS` says how many, or lists them with commas between;
//! `CACHED_CHAOS_FIRST_SEED` says with which to begin.

use std::env;

/// Those that are tried if nobody says; within ten seconds they have nearly every kind of outage.
const USUAL: [u64; 6] = [2, 7, 9, 10, 22, 92];
const FIRST: u64 = 1;

pub(crate) fn chosen() -> Vec<u64> {
    let variable = |name| env::var(name).ok();
    parse(variable("CACHED_CHAOS_SEEDS").as_deref(), variable("CACHED_CHAOS_FIRST_SEED").as_deref())
}

fn parse(seeds: Option<&str>, first: Option<&str>) -> Vec<u64> {
    let number = |text: &str| -> u64 {
        text.trim().parse().unwrap_or_else(|_| panic!("`{text}` is no seed nor a number of them"))
    };
    let from = |first, count| (first..first + count).collect();
    match (seeds, first) {
        (None, None) => USUAL.to_vec(),
        (Some(list), _) if list.contains(',') => {
            list.split(',').filter(|text| !text.is_empty()).map(number).collect()
        }
        (Some(count), first) => from(first.map_or(FIRST, number), number(count)),
        (None, Some(first)) => from(number(first), USUAL.len() as u64),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use cached_testing::{Action, Scenario};

    use super::*;

    #[test]
    fn seeds_are_counted_or_listed() {
        assert_eq!(parse(None, None), USUAL);
        assert_eq!(parse(Some("2"), None), [1, 2]);
        assert_eq!(parse(Some("2"), Some("40")), [40, 41]);
        assert_eq!(parse(None, Some("40")), [40, 41, 42, 43, 44, 45]);
        assert_eq!(parse(Some("7,3,99"), Some("40")), [7, 3, 99]);
        assert_eq!(parse(Some("7,"), None), [7]);
    }

    #[test]
    fn the_usual_seeds_have_an_outage_of_nearly_every_kind() {
        let scenarios = USUAL.map(|seed| Scenario::from_seed(seed, crate::LENGTH));
        let steps = scenarios.iter().flat_map(Scenario::steps);
        let outages = steps.filter(|step| step.action != Action::Quiet);
        let kinds: BTreeSet<_> = outages
            .map(|step| step.action.to_string())
            .map(|text| text.split([' ', ',']).take(2).collect::<String>())
            .collect();
        assert!(kinds.len() >= 12, "{kinds:?}");
    }
}
