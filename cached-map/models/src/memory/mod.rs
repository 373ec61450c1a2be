//! The same place in the tree as in `cached-core`, because the sources name it.

mod models;
mod raw;
