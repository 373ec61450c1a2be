//! Settings that cannot work.

use std::ops::RangeInclusive;
use std::time::Duration;

use cached_core::Timeout;

use crate::address::Endpoint;
use crate::settings::{Settings, Topology};

/// The longest timeout: beyond it, somebody has mistaken the unit, and sums overflow some day.
pub(super) const DAY: Duration = Duration::from_secs(24 * 60 * 60);
/// What operating systems take for the silence before a keepalive, in whole seconds.
const KEEPALIVE: RangeInclusive<Duration> = Duration::from_secs(1)..=Duration::from_secs(32_767);

/// Tells what is wrong with settings, and what to do about it.
pub(super) fn check(settings: &Settings, default_timeout: Timeout) -> Result<(), String> {
    check_times(settings, default_timeout)?;
    for (name, count) in [
        ("connections", settings.connections),
        ("blocking_connections", settings.blocking_connections),
    ] {
        if count == 0 {
            return Err(format!("`{name}` must be at least 1"));
        }
    }
    if settings.tls.is_some() && !cfg!(feature = "tls") {
        return Err("certificates need the feature `tls` of `cached-redis`".to_owned());
    }
    let socket = matches!(settings.topology, Topology::One(Endpoint::Unix(_)));
    if settings.tls.is_some() && socket {
        return Err("a unix socket is not encrypted; leave the certificates out".to_owned());
    }
    if settings.from_replicas && matches!(settings.topology, Topology::One(_) | Topology::Given) {
        return Err(
            "`read_from_replicas` needs a cluster or sentinels, which know the replicas".into()
        );
    }
    if matches!(settings.topology, Topology::Cluster(_)) && settings.login.db != 0 {
        return Err("a cluster has no database but 0; leave its number out".to_owned());
    }
    let plain = |name: &String| name.bytes().all(|byte| (b'!'..=b'~').contains(&byte));
    if !settings.login.name.as_ref().is_none_or(plain) {
        return Err("`client_name` must be visible ASCII characters without spaces".to_owned());
    }
    Ok(())
}

fn check_times(settings: &Settings, default_timeout: Timeout) -> Result<(), String> {
    for (name, timeout) in [
        ("op_timeout", Some(settings.op_timeout)),
        ("connect_timeout", Some(settings.connect_timeout)),
        ("user_timeout", settings.tcp.user_timeout),
        ("health_check_interval", settings.health_check),
    ] {
        if timeout == Some(Duration::ZERO) {
            return Err(format!("`{name}` must not be zero"));
        }
        if timeout.is_some_and(|timeout| timeout > DAY) {
            return Err(format!("`{name}` must be at most a day"));
        }
    }
    if settings.tcp.keepalive.is_some_and(|idle| !KEEPALIVE.contains(&idle)) {
        return Err("`keepalive` must be at least 1 s and at most 32767 s, or off".to_owned());
    }
    if default_timeout == Timeout::After(Duration::ZERO) {
        return Err("`default_timeout` must not be zero".to_owned());
    }
    Ok(())
}
