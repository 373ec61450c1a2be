//! `#[derive(CacheKey)]`: what derived keys look like, and that they tell all values apart.

mod generated;
mod generics;
mod options;
mod shadowed_names;
mod strict_lints;
mod texts;

use cached_kit::key::KeyWriter;

fn text<T: cached_kit::CacheKey + ?Sized>(value: &T) -> String {
    KeyWriter::text_of(value)
}
