//! The crates that are compiled: the same functions under each one's attribute.

use std::fmt::Write;

use crate::report::{OURS, PLAIN};

/// The way in which a subject annotates functions.
pub(super) struct Style {
    pub(super) name: &'static str,
    /// What stands below `[dependencies]`; `{root}` stands for the root of this workspace.
    pub(super) dependency: &'static str,
    /// The first lines of the source.
    import: &'static str,
    /// What stands above a function whose arguments can all be looked up as they are.
    attribute: &'static str,
    /// What stands above a function of a text and a number.
    with_text: &'static str,
}

pub(super) const STYLES: [Style; 3] = [
    Style {
        name: OURS,
        dependency: "cached-kit = { path = \"{root}\", default-features = false }",
        import: "use cached_kit::cached;",
        attribute: "#[cached(timeout = 60, max_entries = 1000)]",
        with_text: "#[cached(timeout = 60, max_entries = 1000)]",
    },
    Style {
        name: "cached",
        dependency: "cached = { version = \"4.1\", default-features = false, \
                     features = [\"proc_macro\", \"time_stores\", \"async\"] }",
        import: "use cached::macros::concurrent_cached;",
        attribute: "#[concurrent_cached(max_size = 1000, ttl_secs = 60)]",
        with_text: "#[concurrent_cached(max_size = 1000, ttl_secs = 60, key = \"(String, u64)\", \
                    convert = { (name.to_owned(), id) })]",
    },
    Style { name: PLAIN, dependency: "", import: "", attribute: "", with_text: "" },
];

impl Style {
    /// Returns the manifest of the crate.
    pub(super) fn manifest(&self, root: &str) -> String {
        // In TOML a backslash has a meaning, and a slash works everywhere.
        let dependency = self.dependency.replace("{root}", &root.replace('\\', "/"));
        format!(
            "[package]\nname = \"compiled\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\
             publish = false\n\n[workspace]\n\n[dependencies]\n{dependency}\n"
        )
    }

    /// Returns the source of the crate: so many functions of four kinds, every second one `async`.
    pub(super) fn source(&self, functions: usize) -> String {
        let mut source = format!("{}\n", self.import);
        for number in 0..functions {
            let keyword = if number % 2 == 0 { "fn" } else { "async fn" };
            let (signature, body) = match number / 2 % 4 {
                0 => ("id: u64) -> u64", format!("id ^ {number}")),
                1 => ("name: &str, id: u64) -> u64", format!("id + name.len() as u64 + {number}")),
                2 => (
                    "id: u64) -> Result<u64, String>",
                    format!("id.checked_mul({number}).ok_or_else(|| \"too large\".to_owned())"),
                ),
                _ => (
                    "page: u32, all: bool) -> String",
                    format!("format!(\"{{page}}{{all}}{number}\")"),
                ),
            };
            let attribute = match signature.starts_with("name") {
                true => self.with_text,
                false => self.attribute,
            };
            // Writing to a string does not fail.
            let _ = write!(
                source,
                "\n{attribute}\npub {keyword} f{number}({signature} {{\n    {body}\n}}\n"
            );
        }
        source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_has_the_same_functions() {
        let lines = |style: &Style| -> Vec<String> {
            let source = style.source(200);
            let unannotated = |line: &&str| !line.starts_with('#') && !line.starts_with("use ");
            let lines = source.lines().filter(unannotated).filter(|line| !line.is_empty());
            lines.map(str::to_owned).collect()
        };
        let plain = lines(&STYLES[2]);
        assert!(STYLES.iter().all(|style| lines(style) == plain));
        let count = |what: &str| plain.iter().filter(|line| line.contains(what)).count();
        assert_eq!((count("pub fn "), count("pub async fn ")), (100, 100));
        assert_eq!((count("name: &str, "), count("Result<"), count("-> String ")), (50, 50, 50));
    }

    #[test]
    fn every_function_has_its_attribute() {
        for style in &STYLES[..2] {
            let source = style.source(16);
            let attributes = source.lines().filter(|line| line.starts_with("#["));
            assert_eq!(attributes.count(), 16, "{}", style.name);
        }
        let converted = STYLES[1].source(16).matches("convert").count();
        assert_eq!(converted, 4, "those of a text");
    }

    #[test]
    fn manifests_name_what_they_depend_on() {
        let manifest = STYLES[0].manifest("C:\\kit");
        assert!(manifest.contains("path = \"C:/kit\", default-features = false"), "{manifest}");
        assert!(STYLES[2].manifest("/kit").ends_with("[dependencies]\n\n"));
    }
}
