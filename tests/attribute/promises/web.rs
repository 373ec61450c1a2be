//! What a guide to caching in web services did.

use std::collections::{BTreeMap, VecDeque};
use std::future::{Future, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use cached_kit::cached;
use serde::{Deserialize, Serialize};

use crate::fixture::set_up;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Product {
    id: u64,
    name: String,
}

#[derive(Default)]
struct Db {
    products: Mutex<BTreeMap<u64, Product>>,
    reads: AtomicU64,
}

impl Db {
    fn read(&self, id: u64) -> Option<Product> {
        self.reads.fetch_add(1, Ordering::Relaxed);
        self.products.lock().unwrap().get(&id).cloned()
    }

    fn write(&self, product: Product) {
        self.products.lock().unwrap().insert(product.id, product);
    }
}

fn product(id: u64, name: &str) -> Product {
    Product { id, name: name.to_owned() }
}

/// What a web framework takes out of a request for its handlers.
struct Path<T>(T);
struct State<T>(T);

type Response = Pin<Box<dyn Future<Output = Result<Product, u16>> + Send>>;
type Route = Box<dyn Fn(&str) -> Response + Send + Sync>;

/// Asks of a handler what web frameworks ask.
fn route<H, F>(handler: H, db: Arc<Db>) -> Route
where
    H: Fn(State<Arc<Db>>, Path<u64>) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Result<Product, u16>> + Send + 'static,
{
    Box::new(move |path| {
        let (handler, db) = (handler.clone(), Arc::clone(&db));
        match path.trim_start_matches("/products/").parse() {
            Ok(id) => Box::pin(async move { handler(State(db), Path(id)).await }),
            Err(_) => Box::pin(ready(Err(400))),
        }
    })
}

#[cached(using = ["memory", "far"], include = [id])]
async fn show(State(db): State<Arc<Db>>, Path(id): Path<u64>) -> Result<Product, u16> {
    tokio::task::yield_now().await;
    db.read(id).ok_or(404)
}

/// G6: in web handlers, with the parameters of the path as the key.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn g6_a_web_handler_is_cached_by_the_parameters_of_the_path() {
    set_up();
    let db = Arc::new(Db::default());
    [product(1, "pen"), product(2, "ink")].into_iter().for_each(|product| db.write(product));
    let show = route(show, Arc::clone(&db));
    let paths = ["/products/1", "/products/2", "/products/1", "/products/2"];
    let requests: Vec<_> = paths.iter().map(|path| tokio::spawn(show(path))).collect();
    let mut names = Vec::new();
    for request in requests {
        names.push(request.await.unwrap().unwrap().name);
    }
    assert_eq!(names, ["pen", "ink", "pen", "ink"]);
    assert_eq!(db.reads.load(Ordering::Relaxed), 2);
    assert_eq!(show("/products/x").await, Err(400));
    assert_eq!([show("/products/3").await, show("/products/3").await], [Err(404), Err(404)]);
    assert_eq!(db.reads.load(Ordering::Relaxed), 4, "what is not there is asked for again");
    db.write(product(3, "nib"));
    assert_eq!(show("/products/3").await, Ok(product(3, "nib")));
}

#[cached(using = ["memory", "far"], exclude = [db], none_timeout = skip)]
async fn load(db: &Db, id: u64) -> Option<Product> {
    ready(db.read(id)).await
}

/// Writes that wait for being flushed.
#[derive(Default)]
struct Behind {
    queue: Mutex<VecDeque<Product>>,
}

impl Behind {
    async fn save(&self, product: Product) {
        load::entry(product.id).put(Some(product.clone())).await.unwrap();
        self.queue.lock().unwrap().push_back(product);
    }

    fn flush(&self, db: &Db) {
        self.queue.lock().unwrap().drain(..).for_each(|product| db.write(product));
    }
}

/// G13: write-behind: the cache first, a queue, `flush_cache()` to the database.
#[tokio::test]
async fn g13_writes_are_read_from_the_cache_before_the_database_has_them() {
    set_up();
    let (db, behind) = (Db::default(), Behind::default());
    db.write(product(1, "old"));
    assert_eq!(load(&db, 1).await, Some(product(1, "old")));
    behind.save(product(1, "newer")).await;
    behind.save(product(1, "newest")).await;
    behind.save(product(2, "first")).await;
    assert_eq!(load(&db, 1).await, Some(product(1, "newest")));
    assert_eq!(load(&db, 2).await, Some(product(2, "first")));
    load::cache().forget_memory();
    assert_eq!(load(&db, 1).await, Some(product(1, "newest")), "every layer has it");
    assert_eq!((db.read(1), db.read(2)), (Some(product(1, "old")), None));

    behind.flush(&db);
    load::clear().await.unwrap();
    assert_eq!(load(&db, 1).await, Some(product(1, "newest")), "the last write, after the others");
    assert_eq!(load(&db, 2).await, Some(product(2, "first")));
}
