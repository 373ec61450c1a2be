//! `#[cache_evict]` and `#[cache_put]`: the same pipeline as that of `#[cached]`, for functions that
//! change what others have cached.

mod attr;
mod expand;
mod model;
mod validate;

use proc_macro2::TokenStream;
use syn::Result;

use self::attr::Args;
pub(crate) use self::expand::expand;
pub(crate) use self::model::{Kind, Writer};
use crate::errors;
use crate::item::MaybeItemFn;

/// On an error the function is emitted as it was written, so that its callers do not fail too.
pub(crate) fn tokens(kind: Kind, args: TokenStream, item: TokenStream) -> TokenStream {
    match model(kind, args, item.clone()) {
        Ok(writer) => expand(&writer),
        Err(error) => {
            let mut tokens = error.into_compile_error();
            tokens.extend(item);
            tokens
        }
    }
}

/// Runs the stages that can fail.
pub(crate) fn model(kind: Kind, args: TokenStream, item: TokenStream) -> Result<Writer> {
    let args = Args::parse(args);
    let item = MaybeItemFn::of_writer(kind.name(), item);
    match item {
        Ok(item) => validate::validate(kind, item, args),
        Err(error) => errors::both(Err(error), args).map(|(writer, _)| writer),
    }
}
