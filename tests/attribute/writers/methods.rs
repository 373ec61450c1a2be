//! Writers that are methods, and entries of methods.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use cached_kit::{block_on, cache_evict, cache_put, cached};

use super::User;
use crate::fixture::set_up;

#[derive(Default)]
struct Repo {
    tenant: u64,
    rows: BTreeMap<u64, String>,
    inner: Inner,
}

#[derive(Default)]
struct Inner {
    tenant: u64,
}

impl Inner {
    #[cached(include = [self.tenant, id])]
    async fn find(&self, id: u64) -> u64 {
        self.tenant + id
    }
}

impl Repo {
    fn of(tenant: u64) -> Self {
        Self { tenant, inner: Inner { tenant }, ..Self::default() }
    }

    #[cached(include = [self.tenant, id])]
    fn get(&self, id: u64) -> Option<User> {
        self.rows.get(&id).map(|name| User::new(id, name))
    }

    #[cached(exclude = [self])]
    async fn count(&self) -> usize {
        self.rows.len()
    }

    #[cached(companion = siblings)]
    fn checked(id: u64) -> u64 {
        id
    }

    #[cache_evict(self.get(user.id), Self::count, self.inner.find(user.id))]
    #[cache_evict(Self::checked(user.id))]
    async fn save(&mut self, user: User) -> Result<(), String> {
        if user.name.is_empty() {
            return Err("no name".into());
        }
        std::future::ready(()).await;
        self.rows.insert(user.id, user.name);
        Ok(())
    }

    #[cache_put(self.get(user.id))]
    #[cache_evict(Repo::count, Repo::checked)]
    fn save_now(&mut self, user: User) -> User {
        self.rows.insert(user.id, user.name.clone());
        user
    }

    /// The id is known afterwards, and so is what is to be changed.
    #[cache_put(self.get(|user| user.id))]
    #[cache_evict(Self::checked(|user| user.id))]
    async fn create(&mut self, name: String) -> User {
        std::future::ready(()).await;
        let id = self.rows.len() as u64 + 100;
        self.rows.insert(id, name.clone());
        User { id, name }
    }

    #[cache_put(self.get(|user| user.id))]
    fn create_now(&mut self, name: String) -> Result<User, String> {
        let id = self.rows.len() as u64 + 100;
        self.rows.insert(id, name.clone());
        Ok(User { id, name })
    }

    /// What is returned may borrow from what was changed.
    #[cache_evict(self.get(id))]
    fn row<'a>(&'a mut self, id: u64, other: &str) -> &'a mut String {
        let row = self.rows.entry(id).or_default();
        row.push_str(other);
        row
    }

    #[cache_evict(self.get(id))]
    async fn first(&mut self, id: u64) -> Result<&str, String> {
        std::future::ready(()).await;
        self.rows.get(&id).map(String::as_str).ok_or_else(String::new)
    }

    #[cache_evict(self.get(1), Self::count)]
    fn close(self) -> usize {
        self.rows.len()
    }

    #[cache_evict(self.get(id))]
    async fn by_arc(self: &Arc<Self>, id: u64) {}

    #[cache_evict(Self::checked(id))]
    fn associated(id: u64) {}
}

#[test]
fn entries_of_methods() {
    set_up();
    let _turn = super::turn();
    let mut repo = Repo::of(1);
    assert_eq!((repo.get(1), block_on(repo.count()), Repo::checked(1)), (None, 0, 1));
    assert_eq!((block_on(repo.inner.find(1)), block_on(repo.inner.find(2))), (2, 3));
    block_on(repo.save(User::new(1, ""))).unwrap_err();
    assert_eq!((repo.get(1), block_on(repo.count())), (None, 0));
    block_on(repo.save(User::new(1, "ada"))).unwrap();
    assert_eq!((repo.get(1), block_on(repo.count())), (Some(User::new(1, "ada")), 1));
    assert_eq!(block_on(repo.inner.find_entry(1).peek()), None);
    assert_eq!(block_on(repo.inner.find_entry(2).peek()), Some(3));
    assert_eq!(Repo::checked_entry(1).peek(), None);

    Repo::checked(2);
    repo.save_now(User::new(2, "bob"));
    assert_eq!(repo.get_entry(2).peek(), Some(Some(User::new(2, "bob"))));
    assert_eq!((block_on(repo.count()), Repo::checked_entry(2).peek()), (2, None));
    Repo::checked(3);
    Repo::associated(3);
    assert_eq!(Repo::checked_entry(3).peek(), None);
}

#[test]
fn a_method_that_changes_self_names_the_entry_afterwards() {
    set_up();
    let _turn = super::turn();
    let mut repo = Repo::of(2);
    Repo::checked(100);
    let ada = block_on(repo.create("ada".into()));
    assert_eq!(repo.get_entry(ada.id).peek(), Some(Some(ada)));
    assert_eq!(Repo::checked_entry(100).peek(), None);
    let bob = repo.create_now("bob".into()).unwrap();
    assert_eq!(repo.get_entry(bob.id).peek(), Some(Some(bob)));
}

#[test]
fn self_in_every_form() {
    set_up();
    let _turn = super::turn();
    let mut repo = Repo::of(3);
    repo.get(1);
    repo.row(1, "a").push('b');
    assert_eq!(repo.get(1), Some(User::new(1, "ab")));
    assert_eq!(block_on(repo.first(1)), Ok("ab"));
    assert_eq!(repo.get_entry(1).peek(), None);
    let repo = Arc::new(repo);
    repo.get(1);
    block_on(repo.by_arc(1));
    assert_eq!(repo.get_entry(1).peek(), None);
    repo.get(1);
    let entry = repo.get_entry(1);
    assert_eq!(Arc::into_inner(repo).unwrap().close(), 1);
    assert_eq!(entry.peek(), None);
}

struct Of<T>(Mutex<BTreeMap<u64, T>>);

impl<T: Clone + Send + Sync + 'static> Of<T> {
    #[cached(exclude = [self])]
    fn get(&self, id: u64) -> Option<T> {
        self.0.lock().unwrap().get(&id).cloned()
    }

    #[cached(exclude = [self])]
    fn len(&self) -> usize {
        self.0.lock().unwrap().len()
    }

    #[cache_put(self.get(id))]
    #[cache_evict(Of::<T>::len)]
    fn set(&self, id: u64, value: T) -> T {
        self.0.lock().unwrap().insert(id, value.clone());
        value
    }

    #[cache_evict(<Self>::len, <Of<T>>::get(self, 1))]
    fn qualified<const N: usize>(&self, _: [T; N]) {}
}

#[test]
fn a_generic_type() {
    set_up();
    let _turn = super::turn();
    let numbers = Of(Mutex::new(BTreeMap::new()));
    assert_eq!((numbers.get(1), numbers.len()), (None, 0));
    numbers.set(1, 10);
    assert_eq!((numbers.get_entry(1).peek(), numbers.len()), (Some(Some(10)), 1));
    numbers.qualified([0]);
    assert_eq!((numbers.get_entry(1).peek(), Of::<u64>::len_entry(&numbers).peek()), (None, None));
}
