use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use cached_testing::hard_timeout;
use redis::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::runtime::Builder;

use super::*;
use crate::wire::Parser;

const LIMIT: Duration = Duration::from_secs(20);

/// The two ends of a connection; ours is served by a [`Mux`].
async fn pair(op_timeout: Duration, health_check: Option<Duration>) -> (Mux, TcpStream) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let ours = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
    let (theirs, _) = listener.accept().await.unwrap();
    let habits = Habits { clock: Clock::system(), op_timeout, health_check, gather: 64 };
    (Mux::start(Stream::Tcp(ours), habits), theirs)
}

fn soon() -> Tick {
    Clock::system().now().after(LIMIT)
}

fn run<F: Future<Output = ()> + Send + 'static>(
    name: &str,
    test: impl FnOnce() -> F + Send + 'static,
) {
    // One worker: the scheduler with threads is the one that runs a woken task before the others.
    let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    hard_timeout(LIMIT * 2, name, move || {
        // On the runtime's thread, so that what a test asks for in one go is there in one go.
        runtime.block_on(runtime.spawn(test())).unwrap();
    });
}

async fn expect(theirs: &mut TcpStream, bytes: &[u8]) {
    let mut read = vec![0; bytes.len()];
    theirs.read_exact(&mut read).await.unwrap();
    assert_eq!(String::from_utf8_lossy(&read), String::from_utf8_lossy(bytes));
}

fn bulk(text: &str) -> Result<Value, Lost> {
    Ok(Value::BulkString(text.as_bytes().to_vec()))
}

async fn was_reset(theirs: &mut TcpStream) -> bool {
    let end = theirs.read(&mut [0; 1]).await;
    end.is_err_and(|error| error.kind() == std::io::ErrorKind::ConnectionReset)
}

#[test]
fn one_read_is_a_get_and_several_are_one_mget() {
    run("gather", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let one = mux.get("p:", "a", soon()).unwrap();
        expect(&mut theirs, b"*2\r\n$3\r\nGET\r\n$3\r\np:a\r\n").await;
        let several: Vec<_> = ["b", "c"].map(|key| mux.get("p:", key, soon()).unwrap()).into();
        let other = mux.send(b"*1\r\n$4\r\nPING\r\n".to_vec(), 1, soon()).unwrap();
        expect(&mut theirs, b"*3\r\n$4\r\nMGET\r\n$3\r\np:b\r\n$3\r\np:c\r\n").await;
        expect(&mut theirs, b"*1\r\n$4\r\nPING\r\n").await;
        theirs.write_all(b"$1\r\nA\r\n*2\r\n$1\r\nB\r\n$-1\r\n+PONG\r\n").await.unwrap();
        assert_eq!(one.await.unwrap(), bulk("A"));
        let mut several = several.into_iter();
        assert_eq!(several.next().unwrap().await.unwrap(), bulk("B"));
        assert_eq!(several.next().unwrap().await.unwrap(), Ok(Value::Nil));
        assert_eq!(other.await.unwrap(), Ok(Value::SimpleString("PONG".into())));
    });
}

#[test]
fn a_refused_mget_is_a_refusal_for_each() {
    run("refused", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let all: Vec<_> = ["a", "b", "c"].map(|key| mux.get("", key, soon()).unwrap()).into();
        expect(&mut theirs, b"*4\r\n$4\r\nMGET\r\n").await;
        theirs.write_all(b"-LOADING the data\r\n").await.unwrap();
        for one in all {
            assert!(matches!(one.await.unwrap(), Ok(Value::ServerError(_))));
        }
    });
}

/// Bug 48.
#[test]
fn bug_48_a_cancelled_request_does_not_shift_the_replies_of_the_others() {
    run("cancelled", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let mut kept = Vec::new();
        for round in 0..1000 {
            let coming: Vec<_> = (0..8)
                .map(|n| mux.get("", &format!("{round}.{n}"), soon()).unwrap())
                .enumerate()
                .filter(|(n, _)| (round * 7 + n) % 3 != 0)
                .collect();
            kept.push(coming);
            tokio::task::yield_now().await;
        }
        drop(mux);
        let mut asked = Vec::new();
        let server = async {
            let mut buffer = Vec::new();
            while asked.len() < 8000 {
                assert!(theirs.read_buf(&mut buffer).await.unwrap() > 0);
                let mut keys = Vec::new();
                let used = requests(&buffer, &mut keys);
                buffer.drain(..used);
                let mut out = Vec::new();
                for request in &keys {
                    if request.len() > 1 {
                        out.extend_from_slice(format!("*{}\r\n", request.len()).as_bytes());
                    }
                    for key in request {
                        out.extend_from_slice(format!("${}\r\n{key}\r\n", key.len()).as_bytes());
                    }
                }
                theirs.write_all(&out).await.unwrap();
                asked.extend(keys.into_iter().flatten());
            }
        };
        server.await;
        for (round, coming) in kept.into_iter().enumerate() {
            for (n, coming) in coming {
                assert_eq!(coming.await.unwrap(), bulk(&format!("{round}.{n}")));
            }
        }
    });
}

/// Reads whole `GET` and `MGET` requests; returns how many bytes they are.
fn requests(bytes: &[u8], keys: &mut Vec<Vec<String>>) -> usize {
    let mut used = 0;
    let mut input = bytes;
    let mut parser = Parser::default();
    while let Ok(Some(Value::Array(parts))) = parser.next(&mut input) {
        let texts = parts.into_iter().skip(1).map(|part| match part {
            Value::BulkString(bytes) => String::from_utf8(bytes).unwrap(),
            other => panic!("{other:?}"),
        });
        keys.push(texts.collect());
        used = bytes.len() - input.len();
    }
    used
}

#[test]
fn requests_made_at_the_same_time_leave_together() {
    run("together", || async {
        const TASKS: usize = 32;
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let mux = Arc::new(mux);
        let reads = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&reads);
        let server = tokio::spawn(async move {
            let (mut buffer, mut asked) = (Vec::new(), 0);
            while asked < TASKS {
                theirs.read_buf(&mut buffer).await.unwrap();
                let mut keys = Vec::new();
                let used = requests(&buffer, &mut keys);
                buffer.drain(..used);
                counted.fetch_add(keys.len(), Ordering::SeqCst);
                for request in keys {
                    asked += request.len();
                    if request.len() > 1 {
                        let head = format!("*{}\r\n", request.len());
                        theirs.write_all(head.as_bytes()).await.unwrap();
                    }
                    theirs.write_all(&b"$1\r\nv\r\n".repeat(request.len())).await.unwrap();
                }
            }
        });
        // On the runtime's thread, so that all tasks are ready before the first one runs.
        tokio::spawn(async move {
            let tasks: Vec<_> = (0..TASKS)
                .map(|n| {
                    let mux = Arc::clone(&mux);
                    tokio::spawn(async move { mux.get("", &n.to_string(), soon()).unwrap().await })
                })
                .collect();
            for task in tasks {
                assert_eq!(task.await.unwrap().unwrap(), bulk("v"));
            }
        })
        .await
        .unwrap();
        server.await.unwrap();
        let requests = reads.load(Ordering::SeqCst);
        assert!(requests <= TASKS / 4, "{requests} requests for {TASKS} reads");
    });
}

#[test]
fn who_came_with_little_time_hears_that_it_is_over_and_the_others_get_their_replies() {
    run("late", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let now = Clock::system().now();
        let patient = mux.get("", "a", soon()).unwrap();
        let hasty = mux.get("", "b", now.after(Duration::from_millis(50))).unwrap();
        assert_eq!(hasty.await.unwrap(), Err(Lost::TimedOut));
        let took = Clock::system().now().since(now);
        assert!(took >= Duration::from_millis(50) && took < Duration::from_millis(500), "{took:?}");
        theirs.write_all(b"*2\r\n$1\r\nA\r\n$1\r\nB\r\n").await.unwrap();
        assert_eq!(patient.await.unwrap(), bulk("A"));
        let next = mux.get("", "c", soon()).unwrap();
        theirs.write_all(b"$1\r\nC\r\n").await.unwrap();
        assert_eq!(next.await.unwrap(), bulk("C"), "it goes on, and nothing has shifted");
    });
}

#[test]
fn a_server_that_leaves_a_request_unanswered_ends_the_connection() {
    run("unanswered", || async {
        let (mux, _theirs) = pair(Duration::from_millis(50), None).await;
        let now = Clock::system().now();
        let patient = mux.get("", "a", soon()).unwrap();
        let hasty = mux.get("", "b", now.after(Duration::from_millis(50))).unwrap();
        assert_eq!(hasty.await.unwrap(), Err(Lost::TimedOut));
        assert_eq!(patient.await.unwrap(), Err(Lost::Dropped));
        let took = Clock::system().now().since(now);
        assert!(took >= Duration::from_millis(50) && took < Duration::from_millis(500), "{took:?}");
        assert!(mux.get("", "c", soon()).is_none(), "it is closed");
    });
}

#[test]
fn what_was_not_sent_when_it_broke_says_so() {
    run("unsent", || async {
        let (mux, theirs) = pair(LIMIT, None).await;
        drop(theirs);
        let lost = loop {
            match mux.send(b"*1\r\n$4\r\nPING\r\n".to_vec(), 1, soon()) {
                Some(coming) => assert!(coming.await.unwrap().is_err()),
                None => break Lost::Unsent,
            }
        };
        assert_eq!(lost, Lost::Unsent);
    });
}

#[test]
fn what_was_cancelled_before_it_was_sent_is_not_sent() {
    run("cancelled", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        drop(mux.send(b"*1\r\n$4\r\nGONE\r\n".to_vec(), 1, soon()).unwrap());
        let none = mux.send(Vec::new(), 0, soon()).unwrap();
        let ping = mux.send(b"*1\r\n$4\r\nPING\r\n".to_vec(), 1, soon()).unwrap();
        assert_eq!(none.await.unwrap(), Ok(Value::Array(Vec::new())), "nothing to wait for");
        expect(&mut theirs, b"*1\r\n$4\r\nPING\r\n").await;
        theirs.write_all(b"+PONG\r\n").await.unwrap();
        assert_eq!(ping.await.unwrap(), Ok(Value::SimpleString("PONG".into())));
    });
}

#[test]
fn a_message_in_front_of_the_replies_to_many_changes_nothing() {
    run("message", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let all: Vec<_> = ["a", "b"].map(|key| mux.get("", key, soon()).unwrap()).into();
        let bytes = b">2\r\n+invalidate\r\n*1\r\n$1\r\nx\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n";
        for byte in bytes {
            theirs.write_all(&[*byte]).await.unwrap();
        }
        for (one, key) in all.into_iter().zip(["a", "b"]) {
            assert_eq!(one.await.unwrap(), bulk(key));
        }
    });
}

#[test]
fn what_was_given_up_before_it_was_sent_is_never_sent() {
    run("unsent", || async {
        const SIZE: usize = 64 << 20;
        let (mux, mut theirs) = pair(Duration::from_millis(50), None).await;
        let soon = Clock::system().now().after(Duration::from_millis(50));
        let coming = mux.send(vec![b'x'; SIZE], 1, soon).unwrap();
        assert_eq!(coming.await.unwrap(), Err(Lost::TimedOut));
        let mut arrived = Vec::new();
        let end = theirs.read_to_end(&mut arrived).await;
        assert_eq!(end.unwrap_err().kind(), std::io::ErrorKind::ConnectionReset);
        assert!(arrived.len() < SIZE);
    });
}

#[test]
fn a_connection_that_breaks_leaves_nobody_waiting() {
    run("broken", || async {
        for reply in [&b""[..], b"*3\r\n$1\r\na\r\n", b"$10\r\nabc", b"what?\r\n", b"*2\r\n"] {
            let (mux, mut theirs) = pair(LIMIT, None).await;
            let coming: Vec<_> = ["a", "b"].map(|key| mux.get("", key, soon()).unwrap()).into();
            expect(&mut theirs, b"*3\r\n$4\r\nMGET\r\n$1\r\na\r\n$1\r\nb\r\n").await;
            theirs.write_all(reply).await.unwrap();
            drop(theirs);
            for one in coming {
                let lost = one.await.unwrap_or(Err(Lost::Dropped));
                assert!(matches!(lost, Err(Lost::Dropped | Lost::Malformed)), "{lost:?}");
            }
            assert!(mux.get("", "c", soon()).is_none());
        }
    });
}

#[test]
fn a_reply_that_nobody_asked_for_ends_the_connection() {
    run("unasked", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        theirs.write_all(b"$1\r\nx\r\n").await.unwrap();
        assert!(was_reset(&mut theirs).await);
        assert!(mux.get("", "c", soon()).is_none());
    });
}

#[test]
fn a_silent_connection_is_found_out_by_the_health_check() {
    run("health check", || async {
        let short = Duration::from_millis(30);
        let (mux, mut theirs) = pair(short, Some(short)).await;
        for _ in 0..2 {
            expect(&mut theirs, b"*1\r\n$4\r\nPING\r\n").await;
            theirs.write_all(b"+PONG\r\n").await.unwrap();
        }
        expect(&mut theirs, b"*1\r\n$4\r\nPING\r\n").await;
        assert!(was_reset(&mut theirs).await, "no answer, so it hangs up");
        assert!(mux.get("", "c", soon()).is_none());
    });
}

#[test]
fn what_is_under_way_is_answered_when_the_connection_is_given_up() {
    run("drain", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let coming = mux.get("", "a", soon()).unwrap();
        drop(mux);
        expect(&mut theirs, b"*2\r\n$3\r\nGET\r\n$1\r\na\r\n").await;
        theirs.write_all(b"$1\r\nA\r\n").await.unwrap();
        assert_eq!(coming.await.unwrap(), bulk("A"));
        let mut end = [0; 1];
        assert_eq!(theirs.read(&mut end).await.unwrap(), 0, "then it ends");
    });
}

#[test]
fn an_abort_ends_it_at_once() {
    run("abort", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let coming = mux.get("", "a", soon()).unwrap();
        mux.abort();
        assert!(!matches!(coming.await, Ok(Ok(_))));
        let mut rest = Vec::new();
        theirs.read_to_end(&mut rest).await.unwrap();
    });
}

#[test]
fn large_and_many_values_pass() {
    run("large", || async {
        let (mux, mut theirs) = pair(LIMIT, None).await;
        let large = "x".repeat(3 << 20);
        let set = crate::wire::command(&[b"SET", b"k", large.as_bytes()]);
        let set = mux.send(set, 1, soon()).unwrap();
        let gets: Vec<_> = (0..200).map(|_| mux.get("", "k", soon()).unwrap()).collect();
        let server = tokio::spawn(async move {
            let mut total = 0;
            let mut room = vec![0; 1 << 16];
            while total < 3 << 20 {
                total += theirs.read(&mut room).await.unwrap();
            }
            let mut out = Vec::new();
            for count in [64, 64, 64, 8] {
                out.extend_from_slice(format!("*{count}\r\n").as_bytes());
                let value = "y".repeat(10_000);
                for _ in 0..count {
                    out.extend_from_slice(format!("$10000\r\n{value}\r\n").as_bytes());
                }
            }
            out.extend_from_slice(b"+OK\r\n");
            theirs.write_all(&out).await.unwrap();
            theirs
        });
        assert_eq!(set.await.unwrap(), Ok(Value::Okay));
        for get in gets {
            assert_eq!(get.await.unwrap(), bulk(&"y".repeat(10_000)));
        }
        drop(server.await.unwrap());
    });
}
