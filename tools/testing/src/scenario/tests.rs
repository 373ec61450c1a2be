use std::collections::BTreeSet;
use std::io::ErrorKind;

use super::*;
use crate::resp::Connection;
use crate::{ChaosProxy, RedisServer, Reply, clock, hard_timeout};

const LIMIT: Duration = Duration::from_secs(30);
const MAX_OUTAGE: Duration = Duration::from_millis(2_500);
const MIN_QUIET: Duration = Duration::from_millis(2_500);

fn scenarios() -> impl Iterator<Item = Scenario> {
    (0..300).map(|seed| Scenario::from_seed(seed, Duration::from_secs(60)))
}

#[test]
fn outages_are_short_and_the_server_recovers_in_between() {
    for scenario in scenarios() {
        let steps = scenario.steps();
        assert!(steps.len() > 10, "{scenario}");
        assert_eq!(scenario.length(), Duration::from_secs(60));
        let mut next = Duration::ZERO;
        for (index, step) in steps.iter().enumerate() {
            assert_eq!((step.at, step.action == Action::Quiet), (next, index % 2 == 0));
            match step.action {
                Action::Quiet => assert!(index == 0 || step.lasts >= MIN_QUIET, "{scenario}"),
                _ => assert!(step.lasts < MAX_OUTAGE, "{scenario}"),
            }
            next += step.lasts;
        }
        assert_eq!(steps.last().map(|step| &step.action), Some(&Action::Quiet));
    }
}

#[test]
fn every_action_and_every_fault_occurs() {
    let steps = scenarios().flat_map(|scenario| scenario.steps().to_vec());
    let words = steps.map(|step| step.action.to_string());
    let kinds: BTreeSet<_> =
        words.map(|text| text.split([' ', ',']).take(2).collect::<String>()).collect();
    // Quiet, five of the server and eight of the network.
    assert_eq!(kinds.len(), 14, "{kinds:?}");
}

#[test]
fn the_seed_decides_everything_and_the_length_only_the_end() {
    let [short, long] = [20, 60].map(|length| Scenario::from_seed(7, Duration::from_secs(length)));
    assert_eq!(short, Scenario::from_seed(7, Duration::from_secs(20)));
    assert_eq!(short.steps[..short.steps.len() - 1], long.steps[..short.steps.len() - 1]);
    assert_ne!(short.steps, Scenario::from_seed(8, Duration::from_secs(20)).steps);
    assert_eq!(Scenario::from_seed(7, Duration::from_secs(2)).steps.len(), 1);
}

#[test]
fn it_prints_the_seed_and_every_step() {
    let scenario = Scenario::from_seed(7, Duration::from_secs(60));
    let text = scenario.to_string();
    assert!(text.starts_with("scenario of seed 7, 60s:\n    0.000 s, for "), "{text}");
    assert_eq!(text.lines().count(), 1 + scenario.steps.len());
    let fault = Action::Fault(Fault::CutReply { after_bytes: 3 });
    let step = Step { at: Duration::from_millis(1_500), lasts: Duration::ZERO, action: fault };
    let expected = "  1.500 s, for 0.000 s: fault CutReply { after_bytes: 3 }";
    assert_eq!(step.to_string(), expected);
}

/// One outage of every kind with quiet phases before and after them.
fn short_scenario() -> Scenario {
    let outages = [
        Action::Fault(Fault::BlackHole),
        Action::Kill,
        Action::Pause,
        Action::ClientKill,
        Action::FillMemory,
        Action::Loading,
    ];
    let with_quiet = outages.into_iter().flat_map(|outage| [Action::Quiet, outage]);
    let lasts = Duration::from_millis(400);
    let step = |action| Step { at: Duration::ZERO, lasts, action };
    Scenario { seed: 0, steps: with_quiet.chain([Action::Quiet]).map(step).collect() }
}

/// Returns what a new client of the proxy sees.
fn seen(proxy: &ChaosProxy) -> String {
    // The reset of a connection to no server may come before the connect has returned.
    let client = Connection::open(proxy.port(), Duration::from_millis(100));
    match client.and_then(|mut client| client.call(&[b"SET", b"key", b"value"])) {
        Ok(Reply::Error(text)) => text.split(' ').next().unwrap().to_owned(),
        Ok(reply) => format!("{reply:?}"),
        Err(error) if error.kind() == ErrorKind::TimedOut => "silence".to_owned(),
        Err(_) => "no connection".to_owned(),
    }
}

#[test]
fn a_run_does_what_its_steps_say_and_ends_with_a_server_that_works() {
    hard_timeout(LIMIT, "run", || {
        let mut server = RedisServer::start().unwrap();
        let proxy = ChaosProxy::start(server.port()).unwrap();
        let (scenario, begin) = (short_scenario(), clock::now());
        let mut client = None;
        let mut steps = Vec::new();
        let run = scenario.run(&mut server, &proxy, |step| {
            let expected = match step.action {
                Action::Fault(_) | Action::Pause => "silence",
                Action::Kill => "no connection",
                Action::FillMemory => "OOM",
                Action::Loading => "LOADING",
                _ => "Simple(\"OK\")",
            };
            assert_eq!(seen(&proxy), expected, "{step}");
            if step.action == Action::ClientKill {
                let client: &mut Connection = client.as_mut().unwrap();
                client.call(&[b"PING"]).unwrap_err();
            }
            if step.action == Action::Quiet {
                let mut quiet = Connection::open(proxy.port(), LIMIT).unwrap();
                quiet.call(&[b"PING"]).unwrap();
                client = Some(quiet);
            }
            steps.push(step.clone());
        });
        run.unwrap();
        assert_eq!(steps, scenario.steps);
        assert_eq!(seen(&proxy), "Simple(\"OK\")");
        assert!(begin.elapsed() >= 13 * Duration::from_millis(400));
    });
}

#[test]
fn the_error_of_a_run_contains_the_scenario() {
    hard_timeout(LIMIT, "failing run", || {
        let mut server = RedisServer::start().unwrap();
        let proxy = ChaosProxy::start(server.port()).unwrap();
        server.kill();
        let step = Step { at: Duration::ZERO, lasts: LIMIT, action: Action::FillMemory };
        let scenario = Scenario { seed: 99, steps: vec![step] };
        let error = scenario.run(&mut server, &proxy, |_| {}).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        assert!(error.to_string().contains(&scenario.to_string()), "{error}");
    });
}
