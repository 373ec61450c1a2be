use std::collections::BTreeMap;
use std::marker::PhantomData;

use cached_kit::CacheKey;

use super::text;

trait Table {
    type Id;
}

/// Is no key itself.
struct Users;

impl Table for Users {
    type Id = u64;
}

#[derive(CacheKey)]
struct Row<T: Table> {
    id: T::Id,
    table: PhantomData<T>,
}

#[derive(CacheKey)]
struct Typed<T>(u64, #[cache_key(skip)] PhantomData<T>);

#[derive(CacheKey)]
struct Span<'a, T, const N: usize>
where
    T: Copy,
{
    ends: [T; N],
    names: &'a [&'a str],
    more: BTreeMap<&'a str, Vec<T>>,
}

#[derive(CacheKey)]
struct Tail<T: ?Sized> {
    id: u8,
    rest: T,
}

#[derive(CacheKey)]
struct Text(str);

#[derive(CacheKey)]
enum Tree<K, V> {
    Leaf(V),
    Node { left: Box<Tree<K, V>>, key: K, right: Box<Self> },
}

#[test]
fn a_field_depends_on_what_it_needs() {
    assert_eq!(text(&Row::<Users> { id: 7, table: PhantomData }), "(id=7,table=())");
    assert_eq!(text(&Typed::<Users>(7, PhantomData)), "7");
}

#[test]
fn lifetimes_types_and_constants() {
    let span = Span { ends: [1, 2], names: &["a"], more: BTreeMap::from([("", vec![3])]) };
    assert_eq!(text(&span), "(ends=(1,2),names=(a),more=((~,(3))))");
}

#[test]
fn a_last_field_without_a_size() {
    let tail: &Tail<[u8]> = &Tail { id: 1, rest: [2, 3] };
    assert_eq!(text(tail), "(id=1,rest=(2,3))");
    fn is_a_key<T: CacheKey + ?Sized>() {}
    is_a_key::<Text>();
}

#[test]
fn a_type_that_contains_itself() {
    let leaf = |value| Box::new(Tree::Leaf(value));
    let tree = Tree::Node { left: leaf("a"), key: 1, right: leaf("b") };
    assert_eq!(text(&tree), "(Node,left=(Leaf,a),key=1,right=(Leaf,b))");
}
