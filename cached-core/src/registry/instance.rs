//! Which instantiation of a generic function a call is for.
//!
//! A generic function has one static, whatever its types are, so that the types tell whose entries
//! are whose: in memory by their identity, in the text of a key by their names.

use std::any::{TypeId, type_name};
use std::marker::PhantomData;

use super::type_names;
use crate::key::TypeNames;

/// The types that a generic function, or a method, is called for.
#[derive(Clone, Copy, Debug)]
pub struct Instance {
    id: TypeId,
    names: fn() -> Vec<&'static str>,
}

impl Instance {
    /// The only one: the function is not generic.
    #[inline]
    pub fn only() -> Self {
        Self { id: TypeId::of::<()>(), names: Vec::new }
    }

    /// The one for a list of types, `(PhantomData<A>, (PhantomData<B>, ()))`.
    #[inline]
    pub fn of<L: Types>(_types: L) -> Self {
        Self { id: typeid::of::<L>(), names: L::names }
    }

    /// The one that a closure stands in, whose type has all that is generic around it.
    #[inline]
    pub fn around<F>(_closure: F) -> Self {
        Self { id: typeid::of::<F>(), names: || vec![around::<F>()] }
    }

    #[inline]
    pub(crate) fn id(self) -> TypeId {
        self.id
    }

    /// Returns the names of the types, under labels, as they stand in the text of a key, and a mark if
    /// other types could have them; `None` if one of them is that of a closure, which others do have.
    /// `here` is the name of a type where the function is.
    pub(crate) fn type_names(self, labels: &[&str], here: &str) -> Option<TypeNames> {
        let names = (self.names)();
        if names.iter().any(|name| name.contains(NAMELESS)) {
            return None;
        }
        let named = labels.iter().zip(&names).map(|(label, name)| {
            format!("{}={}", crate::key::escape(label), crate::key::escape(name))
        });
        let text = named.collect::<Vec<_>>().join(",");
        let place = match labels.first() {
            Some(&"Self") => type_names::around_method(here),
            Some(&"impl") => type_names::around_body(here),
            _ => None,
        };
        let mark = (!type_names::are_unique(&names, place)).then(|| type_names::mark(self.id));
        Some(TypeNames { text, mark })
    }
}

/// What the names of closures and `async` blocks begin with, and those of types within: all closures
/// of one function have one name.
const NAMELESS: &str = "{{";

/// Returns the path of what a closure stands in.
fn around<F>() -> &'static str {
    type_name::<F>().trim_end_matches("::{{closure}}")
}

/// A list of types.
pub trait Types {
    /// Returns their names.
    fn names() -> Vec<&'static str>;
}

impl Types for () {
    fn names() -> Vec<&'static str> {
        Vec::new()
    }
}

impl<T: ?Sized, Rest: Types> Types for (PhantomData<T>, Rest) {
    fn names() -> Vec<&'static str> {
        let mut names = vec![type_name::<T>()];
        names.extend(Rest::names());
        names
    }
}

/// Names the type of an argument that has no name, such as an `impl Trait`.
#[inline]
pub fn type_of<T: ?Sized>(_value: &T) -> PhantomData<T> {
    PhantomData
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text_of(of: Instance, labels: &[&str]) -> Option<String> {
        of.type_names(labels, "").map(|names| names.text)
    }

    fn of<T>() -> Instance {
        Instance::of((PhantomData::<T>, ()))
    }

    struct Borrows<'a>(PhantomData<&'a str>);

    impl Borrows<'_> {
        fn instance(&self) -> Instance {
            Instance::of((PhantomData::<Self>, ()))
        }
    }

    trait Located {
        fn here(&self) -> Instance;
    }

    impl<T> Located for Vec<T> {
        fn here(&self) -> Instance {
            Instance::around(|| ())
        }
    }

    /// bug 36: two instantiations of one function.
    #[test]
    fn bug_36_other_types_are_another_instance() {
        assert_eq!(of::<u8>().id(), of::<u8>().id());
        assert_ne!(of::<u8>().id(), of::<u16>().id());
        assert_ne!(of::<u8>().id(), Instance::only().id());
        assert_ne!(text_of(of::<u8>(), &["T"]), text_of(of::<u16>(), &["T"]));
        assert_ne!(vec![1_u8].here().id(), vec![1_u16].here().id());
        assert_ne!(text_of(vec![1_u8].here(), &["impl"]), text_of(vec![1_u16].here(), &["impl"]));
    }

    #[test]
    fn lifetimes_are_no_part_of_it() {
        let local = String::new();
        let of_local = type_of(&&*local);
        assert_eq!(Instance::of((of_local, ())).id(), Instance::of((type_of(&""), ())).id());
        assert_eq!(Borrows(PhantomData).instance().id(), Borrows(PhantomData).instance().id());
    }

    /// bug 36: all closures of one function have one name, and must not have one entry.
    #[test]
    fn bug_36_closures_have_no_text() {
        fn of_value<T>(_: T) -> Instance {
            of::<T>()
        }
        let (one, other) = (of_value(|| 1), of_value(|| 2));
        assert_ne!(one.id(), other.id());
        assert_eq!((text_of(one, &["F"]), text_of(other, &["F"])), (None, None));
        assert_eq!(text_of(of_value(async {}), &["F"]), None);
        assert_eq!(text_of(vec![|| 1].here(), &["impl"]), None);
        assert!(text_of(of_value(u8::to_string as fn(&u8) -> String), &["F"]).is_some());
    }

    #[test]
    fn names_are_escaped_under_their_labels() {
        assert_eq!(text_of(Instance::only(), &[]).unwrap(), "");
        let two = Instance::of((PhantomData::<Vec<u8>>, (PhantomData::<str>, ())));
        let text = text_of(two, &["Self", "T"]).unwrap();
        assert_eq!(text, "Self=alloc%3A%3Avec%3A%3AVec%3Cu8%3E,T=str");
        let here = text_of(vec![1_u8].here(), &["impl"]).unwrap();
        assert!(here.starts_with("impl=") && here.ends_with("here"), "{here}");
    }
}
