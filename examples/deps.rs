//! Measures the sources of everything this workspace depends on, once for all processes.
//!
//! ```text
//! cargo run --example deps
//! cargo run --example deps -- --redis redis://localhost/0      # run it twice
//! ```
//!
//! It reads the workspace's own `Cargo.lock` and, in Cargo's local registry folder, the sources of
//! every crate named there. The results are kept in memory over a store called `shared`: Redis if
//! there is one, so that the next process does not compute; without one, a store that keeps nothing.
//! Whatever happens to Redis meanwhile, the table is the same. What depends on time or on the caches
//! is in the lines that start with `#`, and in the last one.

mod workspace;

use std::collections::BTreeMap;
use std::env;
use std::error::Error;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use cached_kit::{Caches, NullStore, RedisStore, cached};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use workspace::{Locked, locked_crates};

/// What is known about the sources of one crate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Sources {
    files: u64,
    /// Of the files that are text.
    lines: u64,
    bytes: u64,
    sha256: String,
}

/// Reads a crate's sources from its folder.
///
/// The key is what Cargo pins, so all machines share it; the folder differs from one to the next
/// and is left out. Sources of a published crate never change, but this function may: then its
/// `version` is counted up, and older entries are not found any more. Errors are never stored.
#[cached(using = "memory", timeout = never, name = "deps.measure", version = 1)]
#[cached(using = "shared", timeout = "1d", include = [krate.name, krate.version, krate.checksum])]
fn measure(folder: &Path, krate: &Locked) -> io::Result<Sources> {
    sources_in(folder).map_err(|error| {
        io::Error::new(error.kind(), format!("{} {}: {error}", krate.name, krate.version))
    })
}

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let redis = match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => None,
        ["--redis", url] => Some(url),
        _ => {
            eprintln!("usage: deps [--redis URL]");
            return ExitCode::from(2);
        }
    };
    match run(redis) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(redis: Option<&str>) -> Result<(), Box<dyn Error>> {
    install(redis)?;
    let crates = locked_crates()?;
    let places = registry_folders()?;
    let work: Vec<_> = crates.iter().map(|krate| (krate, folder_of(krate, &places))).collect();
    let table = Table::of(&crates);

    println!("# the store `shared` is {}", if redis.is_some() { "Redis" } else { "a NullStore" });
    table.heading();
    let (cold, cold_time) = timed(|| ask_for_all(&work, |krate, found| table.row(krate, found)));
    let (warm, warm_time) = timed(|| ask_for_all(&work, |_, _| {}));
    let (cold, warm) = (cold?, warm?);
    table.total(&cold);
    if warm != cold {
        return Err("the second answers differ from the first".into());
    }
    report(2 * cold.len() as u64, cold_time, warm_time);
    Ok(())
}

/// Names the store of the function above. Redis is not contacted yet, and need not be there.
fn install(redis: Option<&str>) -> Result<(), cached_kit::Error> {
    let caches = Caches::builder();
    let caches = match redis {
        Some(url) => {
            caches.store("shared", RedisStore::connect(url).prefix("cached-kit-examples").build()?)
        }
        None => caches.store("shared", NullStore::new()),
    };
    caches.install()
}

/// Asks for every crate that is here; where it is not, there is nothing to ask.
///
/// That is found out each time, because it is a fact about this machine and about this moment.
fn ask_for_all(
    work: &[(&Locked, Option<PathBuf>)],
    mut each: impl FnMut(&Locked, Option<&Sources>),
) -> io::Result<Vec<Sources>> {
    let mut all = Vec::new();
    for (krate, folder) in work {
        let found = folder.as_ref().map(|folder| measure(folder, krate)).transpose()?;
        each(krate, found.as_ref());
        all.extend(found);
    }
    Ok(all)
}

/// Prints how long it took and what answered.
fn report(calls: u64, cold: Duration, warm: Duration) {
    let stats = measure::stats();
    println!("# cold: {cold:.1?} for the first answer of every crate");
    println!("# warm: {warm:.1?} for the second");
    for layer in &stats.layers {
        let (store, hits, misses) = (&layer.store, layer.hits, layer.misses);
        let unavailable = layer.unavailable;
        println!("# layer {store}: {hits} hits, {misses} misses, {unavailable} unavailable");
    }
    let hits = |store: &str| {
        let layer = stats.layers.iter().find(|layer| layer.store == store);
        layer.map_or(0, |layer| layer.hits)
    };
    let (computed, memory, shared) = (stats.computed, hits("memory"), hits("shared"));
    println!("calls={calls} computed={computed} memory={memory} shared={shared}");
}

/// The columns of the table, as wide as the longest name and version ask for.
struct Table {
    name: usize,
    version: usize,
}

impl Table {
    fn of(crates: &[Locked]) -> Self {
        let widest = |column: fn(&Locked) -> &str| {
            crates.iter().map(|krate| column(krate).len()).max().unwrap_or(0)
        };
        Self {
            name: widest(|krate| &krate.name).max("crate".len()),
            version: widest(|krate| &krate.version).max("version".len()),
        }
    }

    fn heading(&self) {
        self.line("crate", "version", ["files", "lines", "bytes"].map(str::to_owned), "sha256");
    }

    fn row(&self, krate: &Locked, found: Option<&Sources>) {
        match found {
            Some(Sources { files, lines, bytes, sha256 }) => {
                let numbers = [files, lines, bytes].map(u64::to_string);
                self.line(&krate.name, &krate.version, numbers, sha256);
            }
            None => {
                let (name, version) = (&krate.name, &krate.version);
                let (first, second) = (self.name, self.version);
                println!("{name:<first$}  {version:<second$}  not in the local registry");
            }
        }
    }

    fn total(&self, all: &[Sources]) {
        let sum = |column: fn(&Sources) -> u64| all.iter().map(column).sum::<u64>().to_string();
        let numbers = [sum(|it| it.files), sum(|it| it.lines), sum(|it| it.bytes)];
        self.line("total", "", numbers, &format!("{} crates", all.len()));
    }

    fn line(&self, name: &str, version: &str, numbers: [String; 3], last: &str) {
        let (first, second) = (self.name, self.version);
        let [files, lines, bytes] = numbers;
        println!("{name:<first$}  {version:<second$}  {files:>5}  {lines:>8}  {bytes:>10}  {last}");
    }
}

/// Returns the folders in which Cargo unpacks crates, one for each registry.
fn registry_folders() -> io::Result<Vec<PathBuf>> {
    let cargo = env::var_os("CARGO_HOME").map(PathBuf::from);
    let cargo = cargo.or_else(|| Some(env::home_dir()?.join(".cargo"))).unwrap_or_default();
    let mut folders = match fs::read_dir(cargo.join("registry/src")) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error),
    };
    folders.sort();
    Ok(folders)
}

/// The file that Cargo adds to a crate's folder once it is complete.
const COMPLETE: &str = ".cargo-ok";

fn folder_of(krate: &Locked, places: &[PathBuf]) -> Option<PathBuf> {
    let name = format!("{}-{}", krate.name, krate.version);
    places.iter().map(|place| place.join(&name)).find(|folder| folder.join(COMPLETE).exists())
}

/// Counts and hashes all files below a folder.
fn sources_in(folder: &Path) -> io::Result<Sources> {
    let mut sources = Sources { files: 0, lines: 0, bytes: 0, sha256: String::new() };
    let mut hash = Sha256::new();
    for (name, path) in files_below(folder)? {
        let content = fs::read(path)?;
        sources.files += 1;
        sources.lines += str::from_utf8(&content).map_or(0, |text| text.lines().count()) as u64;
        sources.bytes += content.len() as u64;
        // Each part says where it ends, so that no other files hash the same bytes.
        hash.update(name.as_bytes());
        hash.update([0]);
        hash.update((content.len() as u64).to_le_bytes());
        hash.update(content);
    }
    sources.sha256 = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(sources)
}

/// Returns every file of a crate, in the order of its path below the folder, which on all systems
/// has `/` in it.
fn files_below(folder: &Path) -> io::Result<BTreeMap<String, PathBuf>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![(String::new(), folder.to_owned())];
    while let Some((prefix, folder)) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let name = format!("{prefix}{}", entry.file_name().to_string_lossy());
            if entry.file_type()?.is_dir() {
                folders.push((name + "/", entry.path()));
            } else if name != COMPLETE {
                files.insert(name, entry.path());
            }
        }
    }
    Ok(files)
}

/// Returns what `work` returns, and how long that took.
#[allow(clippy::disallowed_methods, reason = "it measures real time, which nobody needs to move")]
fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    (work(), start.elapsed())
}
