//! Parameters that are more than a name.

use cached_kit::{block_on, cached};

use crate::fixture::set_up;

struct Request {
    tenant: String,
    page: u64,
}

#[cached]
fn pair((a, b): (u64, u64), mut c: u64, _: u8, r#type: &str) -> u64 {
    c += 1;
    a + b + c + r#type.len() as u64
}

#[cached(include = [tenant, page + 1])]
async fn page(Request { tenant, mut page }: Request, [first, ..]: &[u8; 3]) -> String {
    page += 1;
    std::future::ready(()).await;
    format!("{tenant}{page}{first}")
}

#[cached(exclude = [x])]
fn excluded(&x: &u64, ref y: u64, z @ 0..: u64) -> u64 {
    x + *y + z
}

#[cached]
fn explicit((&a, b): (&u64, u64), [c, _]: [u64; 2]) -> u64 {
    a + b + c
}

#[cached(each = id in ids, include = [id, tenant, page])]
fn pages(Request { tenant, page }: &Request, ids: &[u64]) -> Vec<String> {
    ids.iter().map(|id| format!("{tenant}{page}{id}")).collect()
}

#[cached]
fn r#match(r#in: u64) -> u64 {
    r#in
}

#[test]
fn patterns_are_for_the_body() {
    set_up();
    assert_eq!(pair((1, 2), 3, 0, "t"), 8);
    assert_eq!(pair((1, 2), 3, 9, "t"), 8);
    assert_eq!(pair::stats().computed, 1, "the body cannot see what has no name");
    assert_eq!(pair((2, 1), 3, 0, "t"), 8);
    assert_eq!(pair::stats().computed, 2);
    assert_eq!(pair::entry((1, 2), 3, "t").peek(), Some(8));

    let request = |page| Request { tenant: "t".into(), page };
    assert_eq!(block_on(page(request(1), &[7; 3])), "t27");
    assert_eq!(block_on(page(request(1), &[8; 3])), "t27");
    assert_eq!(block_on(page(request(2), &[8; 3])), "t38");

    assert_eq!((excluded(&1, 2, 3), excluded(&9, 2, 3), excluded(&1, 2, 4)), (6, 6, 7));
    assert_eq!((explicit((&1, 2), [3, 4]), explicit((&2, 2), [3, 4])), (6, 7));
    assert_eq!(pages(&request(1), &[1, 2]), ["t11", "t12"]);
    assert_eq!(pages(&request(2), &[2]), ["t22"]);

    assert_eq!((r#match(1), r#match::entry(1).peek()), (1, Some(1)));
}
