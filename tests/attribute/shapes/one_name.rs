//! Types that the compiler calls the same, in processes that share a store (finding "Soundness" 5).
#![allow(clippy::expect_used, clippy::panic, reason = "the helpers of tests fail as tests do")]

use std::env;
use std::marker::PhantomData;
use std::process::Command;
use std::time::Duration;

use cached_kit::{Store, Timeout, block_on, cached};

use crate::fixture::{Time, far, set_up};

trait Factor {
    const FACTOR: u64;
}

#[cached(using = "far")]
fn scaled<T: Factor>(id: u64) -> u64 {
    id * T::FACTOR
}

/// A type of the program that has its name alone.
struct Alone;

impl Factor for Alone {
    const FACTOR: u64 = 5;
}

impl Factor for u8 {
    const FACTOR: u64 = 7;
}

/// What calls of one type return, how many of them computed, and the key.
struct Called {
    value: u64,
    computed: u64,
    key: String,
}

fn call<T: Factor>() -> Called {
    let before = scaled::stats().computed;
    let value = scaled::<T>(7);
    let computed = scaled::stats().computed - before;
    Called { value, computed, key: scaled::entry::<T>(7).key() }
}

/// Calls for one of two types, whose names are the same.
fn call_local(first: bool) -> Called {
    if first {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 2;
        }
        call::<Local>()
    } else {
        struct Local;
        impl Factor for Local {
            const FACTOR: u64 = 3;
        }
        call::<Local>()
    }
}

/// What the other process is told: a key, the bytes that stand under it, and what to call.
const ENTRY: &str = "CACHED_TEST_ENTRY";

fn run(what: &str) -> Called {
    match what {
        "first" => call_local(true),
        "second" => call_local(false),
        "alone" => call::<Alone>(),
        _ => call::<u8>(),
    }
}

/// Has another process of this program call for a type, with the entry in its store that this one
/// made for another; returns what that printed.
fn in_another_process(entry_of: &str, what: &str) -> String {
    let key = run(entry_of).key;
    let bytes = block_on(far().get(&key)).unwrap().expect("the call was stored");
    let bytes: Vec<_> = bytes.iter().map(u8::to_string).collect();
    let test = "shapes::one_name::a_type_reads_no_entry_of_another_one_of_its_name";
    let output = Command::new(env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(ENTRY, [key, bytes.join(","), what.to_owned()].join("\n"))
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with("returned"));
    line.unwrap_or_else(|| panic!("it says nothing: {text}")).to_owned()
}

/// What the other process does.
fn be_the_other_process(entry: &str) {
    let mut lines = entry.lines();
    let (key, bytes, what) = (lines.next().unwrap(), lines.next().unwrap(), lines.next().unwrap());
    // Tests of the other process may have moved its clock, and an entry of the future is not read.
    Time::own().advance(Duration::from_secs(365 * 24 * 3600));
    let bytes: Vec<u8> = bytes.split(',').map(|byte| byte.parse().unwrap()).collect();
    block_on(far().set(key, &bytes, Timeout::Never)).unwrap();
    let Called { value, computed, key: own } = run(what);
    assert_eq!(own, key, "the text of the key has only the type's name");
    println!("returned {value}, computed {computed}");
}

#[test]
fn a_type_reads_no_entry_of_another_one_of_its_name() {
    set_up();
    if let Ok(entry) = env::var(ENTRY) {
        return be_the_other_process(&entry);
    }
    assert_eq!(in_another_process("first", "second"), "returned 21, computed 1");
    // The same type finds what another process of the program has stored.
    assert_eq!(in_another_process("first", "first"), "returned 14, computed 0");
    assert_eq!(in_another_process("alone", "alone"), "returned 35, computed 0");
    assert_eq!(in_another_process("built in", "built in"), "returned 49, computed 0");
}

struct Repo<T>(PhantomData<T>);

impl<T: Send + Sync + 'static> Repo<T> {
    #[cached(using = "far", exclude = [self])]
    async fn get(&self, id: u64) -> u64 {
        std::future::ready(id).await
    }
}

mod elsewhere {
    use super::{Alone, cached};

    impl Alone {
        #[cached(using = "far", exclude = [self])]
        pub(super) fn get_alone(&self, id: u64) -> u64 {
            id
        }
    }
}

trait Load {
    fn load(&self, id: u64) -> u64;

    #[cached(using = "far", exclude = [self])]
    fn load_by_default(&self, id: u64) -> u64
    where
        Self: Sized,
    {
        id
    }
}

impl<T: Send + Sync + 'static> Load for Repo<T> {
    #[cached(using = "far", exclude = [self], companion = false)]
    fn load(&self, id: u64) -> u64 {
        id
    }
}

/// Tells whether the check of the one entry of a function is that of its key alone; see
/// `docs/wire-format.md`.
fn is_of_the_key(name: &str) -> bool {
    let scope = cached_kit::Scope::all();
    let mut keys = block_on(far().scan(&scope)).unwrap();
    keys.retain(|key| key.contains(&format!("one_name::{name}:")));
    let [key] = &*keys else { panic!("{name}: {keys:?}") };
    let bytes = block_on(far().get(key)).unwrap().unwrap();
    block_on(far().delete(&keys)).unwrap();
    let hash = key.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    bytes[17..25] == hash.to_be_bytes()
}

/// What can be shared with other builds and other languages still is.
#[test]
fn names_that_only_one_type_can_have_are_trusted() {
    set_up();
    block_on(Repo(PhantomData::<u8>).get(1));
    assert!(is_of_the_key("get"), "a type of the `impl`, and one of the language");
    block_on(Repo(PhantomData::<Alone>).get(1));
    assert!(!is_of_the_key("get"), "others may be called `Alone`");
    Alone.get_alone(1);
    assert!(is_of_the_key("elsewhere::get_alone"), "an `impl` in another module");
    Repo(PhantomData::<u8>).load(1);
    assert!(is_of_the_key("load"), "an `impl` of a trait");
    Repo(PhantomData::<Alone>).load(1);
    assert!(!is_of_the_key("load"));
    Repo(PhantomData::<u8>).load_by_default(1);
    assert!(!is_of_the_key("load_by_default"), "a method of a trait is called for any type");
}
