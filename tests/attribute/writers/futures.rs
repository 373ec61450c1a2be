//! A writer's future can be sent where the body's can.

use std::cell::Cell;
use std::future::ready;
use std::mem::size_of_val;
use std::rc::Rc;

use cached_kit::{block_on, cache_evict, cache_put, cached};

use crate::fixture::set_up;

#[cached]
async fn value(id: u64) -> u64 {
    id
}

#[cached]
fn cells(id: u64) -> Result<u64, Rc<u64>> {
    Ok(id)
}

/// Arguments that no other thread may look at.
#[cache_evict(value(cell.get()), cells, value(|sum| *sum))]
async fn with_cells(cell: Cell<u64>, add: &mut Cell<u64>) -> u64 {
    ready(()).await;
    cell.get() + add.get()
}

/// A value that no other thread may look at.
#[cache_put(value(|cell| cell.get()))]
#[cache_evict(value(1))]
async fn of_cell(fine: bool) -> Result<Shown, Rc<str>> {
    ready(()).await;
    if fine { Ok(Shown(Cell::new(5))) } else { Err("an error that stays on its thread".into()) }
}

#[derive(Clone)]
struct Shown(Cell<u64>);

impl Shown {
    fn get(&self) -> u64 {
        self.0.get()
    }
}

impl From<Shown> for u64 {
    fn from(shown: Shown) -> u64 {
        shown.get() + 1
    }
}

#[cache_evict(before, value(id.get()))]
async fn before(id: Cell<u64>) -> Result<(), Rc<str>> {
    ready(()).await;
    id.set(1);
    Ok(())
}

struct Counter(Cell<u64>);

impl Counter {
    #[cached(include = [self.0.get()])]
    fn get(&self) -> u64 {
        1
    }

    #[cache_put(value(|count| *count))]
    #[cache_put(value(|count| self.0.get() + count))]
    async fn count(&mut self, cell: Cell<u64>, text: Cell<String>) -> u64 {
        ready(()).await;
        drop(text);
        self.0.set(cell.get());
        cell.get()
    }

    #[cache_evict(self.get())]
    async fn evict(&mut self, by: Cell<u64>) {
        ready(()).await;
        self.0.set(by.get());
    }
}

/// Holds what cannot leave its thread while it waits.
#[cache_evict(value(1))]
async fn stays() -> Rc<u64> {
    let local = Rc::new(1);
    ready(()).await;
    local
}

fn assert_send<T: Send>(future: T) -> T {
    future
}

#[test]
fn futures_are_send() {
    set_up();
    let _turn = super::turn();
    assert_eq!(block_on(assert_send(with_cells(Cell::new(1), &mut Cell::new(2)))), 3);
    assert!(block_on(assert_send(of_cell(false))).is_err());
    assert!(block_on(assert_send(of_cell(true))).is_ok());
    assert_eq!(block_on(value(5)), 6);
    block_on(assert_send(before(Cell::new(1)))).unwrap();
    let mut counter = Counter(Cell::new(7));
    block_on(assert_send(counter.count(Cell::new(8), Cell::default())));
    assert_eq!((block_on(value(8)), block_on(value(16))), (8, 8));
    block_on(assert_send(counter.evict(Cell::new(9))));
    assert_eq!((counter.0.get(), counter.get()), (9, 1));
    assert_eq!(block_on(stays()), Rc::new(1));
}

#[cache_evict(value(1), value(2), value)]
async fn large() -> u64 {
    let room = [1_u8; 4096];
    ready(()).await;
    room.iter().map(|byte| u64::from(*byte)).sum()
}

#[test]
fn a_future_grows_by_little() {
    let _turn = super::turn();
    assert!(size_of_val(&large()) <= 512, "{}", size_of_val(&large()));
    assert_eq!(block_on(large()), 4096);
}
