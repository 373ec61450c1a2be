//! The error of a `Result` can be of any type that owns its data.

use std::error::Error;
use std::rc::Rc;

use cached_kit::{block_on, cached};

struct Bare;

#[cached]
fn boxed(text: &str) -> Result<u64, Box<dyn Error>> {
    Ok(text.parse()?)
}

#[cached]
fn bare(id: u64) -> Result<u64, Bare> {
    id.checked_sub(1).ok_or(Bare)
}

#[cached]
async fn counted(id: u64) -> Result<u64, Rc<u64>> {
    id.checked_sub(1).ok_or(Rc::new(id))
}

type Alias = std::io::Result<u64>;

#[cached]
async fn alias(id: u64) -> Alias {
    id.checked_sub(1).ok_or_else(|| std::io::ErrorKind::NotFound.into())
}

#[test]
fn any_error_will_do() {
    crate::fixture::set_up();
    assert_eq!(boxed("5").unwrap(), 5);
    assert!(boxed("x").is_err());
    assert_eq!(boxed::entry("5").peek(), Some(5));
    assert!(bare(0).is_err());
    assert_eq!(block_on(counted(0)), Err(Rc::new(0)));
    assert_eq!(block_on(counted::force_update(1)), Ok(0));
    assert_eq!(block_on(alias(1)).unwrap(), 0);
    assert_eq!(block_on(alias::entry(1).peek()), Some(0));
}
