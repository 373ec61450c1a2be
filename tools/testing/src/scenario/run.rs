//! Carries out a scenario in real time.

use std::io;
use std::thread;
use std::time::Duration;

use super::{Action, Scenario, Step};
use crate::clock;
use crate::proxy::{ChaosProxy, Fault};
use crate::server::RedisServer;

/// What of a loading step is the restart that comes before the loading.
const RESTART: Duration = Duration::from_millis(150);

impl Scenario {
    /// Carries out all steps on `server` and `proxy`, and calls `on_step` when one is in effect.
    ///
    /// `server` must run, and nothing else may control it or the proxy meanwhile. Afterwards both
    /// work again; after an error they may not. Every step lasts as long as it says, however long
    /// the ones before took, so that a slow machine makes no quiet phase shorter.
    ///
    /// # Errors
    ///
    /// Returns the error of the first step that cannot be carried out; all of the scenario is in
    /// its text.
    pub fn run(
        &self,
        server: &mut RedisServer,
        proxy: &ChaosProxy,
        mut on_step: impl FnMut(&Step),
    ) -> io::Result<()> {
        self.steps.iter().try_for_each(|step| {
            let end = clock::now() + step.lasts;
            begin(step, server, proxy).map_err(|error| self.explain(&error))?;
            on_step(step);
            // This is not to wait for anything: an outage is as long as it is.
            thread::sleep(end.saturating_duration_since(clock::now()));
            finish(step, server, proxy).map_err(|error| self.explain(&error))
        })
    }
}

fn begin(step: &Step, server: &mut RedisServer, proxy: &ChaosProxy) -> io::Result<()> {
    match &step.action {
        Action::Quiet => {}
        Action::Fault(fault) => proxy.set(fault.clone()),
        Action::Kill => server.kill(),
        Action::Pause => server.pause(),
        Action::ClientKill => server.client_kill().map(drop)?,
        Action::FillMemory => server.fill_memory()?,
        Action::Loading => server.start_loading(step.lasts.saturating_sub(RESTART))?,
    }
    Ok(())
}

fn finish(step: &Step, server: &mut RedisServer, proxy: &ChaosProxy) -> io::Result<()> {
    match &step.action {
        Action::Quiet | Action::ClientKill => {}
        Action::Fault(_) => proxy.set(Fault::None),
        Action::Kill => server.restart()?,
        Action::Pause => server.resume(),
        Action::FillMemory => server.free_memory()?,
        // It may need a moment longer, and a quiet phase must not begin before.
        Action::Loading => server.await_loaded()?,
    }
    Ok(())
}
