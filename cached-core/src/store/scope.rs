//! Which keys of a store an operation on many of them is about.

/// A set of keys inside one store: all of them, those of one function, or those made by hand.
///
/// A scope is a prefix of key text and one more condition, because the name of a function can
/// be the beginning of another's: `a` and `a::b`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Scope {
    start: String,
    whole_name: bool,
}

impl Scope {
    /// Everything under the store's prefix.
    pub fn all() -> Self {
        Self { start: String::new(), whole_name: false }
    }

    /// The entries of one function; `name` carries the version, as in `users::get@2`.
    pub fn function(name: &str) -> Self {
        Self { start: format!("{name}:"), whole_name: true }
    }

    /// The keys that start with this text, exactly as it stands in the store.
    pub fn starting(text: impl Into<String>) -> Self {
        Self { start: text.into(), whole_name: false }
    }

    /// Returns the text with which all keys of the scope start; none of its characters has a
    /// meaning in a glob pattern.
    pub fn start(&self) -> &str {
        &self.start
    }

    /// Tells whether a key, without the store's prefix, is in the scope.
    pub fn contains(&self, key: &str) -> bool {
        match key.strip_prefix(self.start.as_str()) {
            Some(rest) => !(self.whole_name && rest.starts_with(':')),
            None => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Scope;

    #[test]
    fn a_function_does_not_own_the_keys_of_a_longer_name() {
        let scope = Scope::function("a");
        assert!(scope.contains("a:x=1"));
        assert!(scope.contains("a:"));
        assert!(!scope.contains("a::b:x=1"));
        assert!(!scope.contains("ab:x=1"));
        assert!(!scope.contains("a@2:x=1"));
        assert!(Scope::all().contains("a::b:x=1"));
    }
}
