use super::*;

/// The `where` clause of the `impl`.
fn demands(item: &str) -> String {
    let file = expanded(item);
    let Some(syn::Item::Impl(item)) = file.items.first() else { panic!("{}", code(&file)) };
    code(&item.generics.where_clause).replace(":: cached_kit :: __private :: ", "")
}

#[test]
fn what_depends_on_a_parameter_must_be_a_key() {
    assert_eq!(demands("struct S<'a, const N: usize> { a: &'a str, b: [u8; N], c: Vec<u8> }"), "");
    assert_eq!(
        demands("struct S<'a, T, U>(&'a T, u8, Option<Vec<U>>, &'a T) where T: Copy;"),
        "where T : Copy , & 'a T : CacheKey , Option < Vec < U > > : CacheKey ,"
    );
    assert_eq!(demands("struct S<T: Trait> { id: T::Id }"), "where T :: Id : CacheKey ,");
    assert_eq!(
        demands("enum E<T, U> { A(T), B { b: T, c: list!(U) } }"),
        "where T : CacheKey , list ! (U) : CacheKey ,"
    );
}

#[test]
fn what_is_not_in_the_key_must_be_nothing() {
    assert_eq!(demands("struct S<T, U>(#[cache_key(skip)] T, #[cache_key(with = f)] U);"), "");
    // Another `T`, in a module.
    assert_eq!(demands("struct S<T>(other::T, ::T, #[cache_key(skip)] T);"), "");
}

#[test]
fn a_type_that_contains_itself_is_no_condition_for_itself() {
    let list = demands("struct List<T> { head: T, tail: Option<Box<List<T>>> }");
    assert_eq!(list, "where T : CacheKey ,");
    assert_eq!(
        demands("enum Tree<K, V> { Leaf(V), Node(Vec<(K, Self)>) }"),
        "where V : CacheKey , K : CacheKey ,"
    );
    assert_eq!(demands("struct Chain { next: Option<Box<Chain>> }"), "");
}
