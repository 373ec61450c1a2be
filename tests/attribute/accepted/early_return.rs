//! `return` and `?` mean in the body what they mean in any function.

use std::num::ParseIntError;

use cached_kit::{block_on, cached};

#[cached]
fn sum(list: &str) -> Result<u64, ParseIntError> {
    let mut sum = 0;
    for part in list.split('+') {
        if part.is_empty() {
            return Ok(sum);
        }
        sum += part.parse::<u64>()?;
    }
    Ok(sum)
}

#[cached]
async fn first(list: &str) -> Option<char> {
    if list.len() > 100 {
        return None;
    }
    let first = std::future::ready(list.chars().next()).await?;
    Some(first)
}

#[cached]
fn nothing(id: u64) {
    if id > 1 {
        return;
    }
    assert_eq!(id, 1);
}

#[test]
fn return_and_question_mark_end_the_body_alone() {
    crate::fixture::set_up();
    assert_eq!(sum("1+2"), Ok(3));
    assert_eq!(sum("1+2++9"), Ok(3));
    assert!(sum("1+x").is_err());
    assert_eq!(block_on(first("abc")), Some('a'));
    assert_eq!(block_on(first("")), None);
    nothing(1);
    nothing(2);
}
