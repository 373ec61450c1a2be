//! One change that a writer makes of an entry.

use crate::error::Error;
use crate::memo::BoxFuture;
/// One change, under way. It ends by itself, and reports its failure by itself.
pub type Writing = BoxFuture<'static, ()>;

/// Reports a change that failed, in a store or altogether. The arguments are nobody's business.
pub(crate) fn report(function: &str, outcome: Result<(), Error>) {
    if let Err(error) = outcome {
        crate::report::warn(&format!(
            "the change that a writer made of `{function}` is not complete: {error}"
        ));
    }
}

/// A value that an entry can have.
#[diagnostic::on_unimplemented(
    message = "what the function returns cannot be put into this entry",
    label = "the entry has a `{Self}`, and the function returns a `{W}`",
    note = "return what the entry has, or implement `From<{W}>` for `{Self}`"
)]
pub trait MadeFrom<W> {
    /// Makes it.
    fn made_from(written: W) -> Self;
}

#[diagnostic::do_not_recommend]
impl<V: From<W>, W> MadeFrom<W> for V {
    fn made_from(written: W) -> Self {
        V::from(written)
    }
}
