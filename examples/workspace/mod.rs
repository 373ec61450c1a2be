//! What this workspace depends on: real input for examples.

use std::fs;
use std::io;
use std::path::Path;

/// A crate from a registry, as `Cargo.lock` pins it.
pub(crate) struct Locked {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) checksum: String,
}

/// Returns the crates in `Cargo.lock` that come from a registry; only these have a checksum.
pub(crate) fn locked_crates() -> io::Result<Vec<Locked>> {
    let lock = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.lock"))?;
    let crates = lock.split("[[package]]").filter_map(|package| {
        let field = |name: &str| {
            let value = |line: &str| {
                let value = line.strip_prefix(name)?.strip_prefix(" = \"")?.strip_suffix('"')?;
                Some(value.to_owned())
            };
            package.lines().find_map(value)
        };
        let (name, version, checksum) = (field("name")?, field("version")?, field("checksum")?);
        Some(Locked { name, version, checksum })
    });
    Ok(crates.collect())
}
