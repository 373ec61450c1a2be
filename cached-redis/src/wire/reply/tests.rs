use proptest::prelude::*;

use super::*;

/// Feeds a parser pieces of these sizes, over and over.
fn parse(bytes: &[u8], pieces: &[usize]) -> Result<Vec<Value>, Malformed> {
    let (mut parser, mut replies) = (Parser::default(), Vec::new());
    let (mut given, mut understood) = (0, 0);
    let mut sizes = pieces.iter().cycle();
    while given < bytes.len() {
        given = (given + sizes.next().unwrap()).min(bytes.len());
        let mut input = &bytes[understood..given];
        while let Some(reply) = parser.next(&mut input)? {
            replies.push(reply);
        }
        understood = given - input.len();
    }
    Ok(replies)
}

fn encode(value: &Value, out: &mut Vec<u8>) {
    let list = |out: &mut Vec<u8>, mark: char, count: usize| {
        out.extend_from_slice(format!("{mark}{count}\r\n").as_bytes());
    };
    match value {
        Value::Nil => out.extend_from_slice(b"$-1\r\n"),
        Value::Int(number) => out.extend_from_slice(format!(":{number}\r\n").as_bytes()),
        Value::BulkString(bytes) => {
            list(out, '$', bytes.len());
            out.extend_from_slice(bytes);
            out.extend_from_slice(b"\r\n");
        }
        Value::Okay => out.extend_from_slice(b"+OK\r\n"),
        Value::SimpleString(text) => out.extend_from_slice(format!("+{text}\r\n").as_bytes()),
        Value::Boolean(yes) => out.extend_from_slice(if *yes { b"#t\r\n" } else { b"#f\r\n" }),
        Value::Double(number) => out.extend_from_slice(format!(",{number}\r\n").as_bytes()),
        Value::Array(items) => {
            list(out, '*', items.len());
            items.iter().for_each(|item| encode(item, out));
        }
        Value::Set(items) => {
            list(out, '~', items.len());
            items.iter().for_each(|item| encode(item, out));
        }
        Value::Map(pairs) => {
            list(out, '%', pairs.len());
            for (key, value) in pairs {
                encode(key, out);
                encode(value, out);
            }
        }
        other => panic!("{other:?} is not made here"),
    }
}

fn replies() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Nil),
        Just(Value::Okay),
        any::<i64>().prop_map(Value::Int),
        any::<bool>().prop_map(Value::Boolean),
        (-1e9..1e9_f64).prop_map(Value::Double),
        "[a-zA-Z0-9 ]{0,20}".prop_map(Value::SimpleString),
        proptest::collection::vec(any::<u8>(), 0..200).prop_map(Value::BulkString),
    ];
    leaf.prop_recursive(4, 64, 8, |inner| {
        let pair = (inner.clone(), inner.clone());
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8).prop_map(Value::Array),
            proptest::collection::vec(inner, 0..8).prop_map(Value::Set),
            proptest::collection::vec(pair, 0..4).prop_map(Value::Map),
        ]
    })
}

proptest! {
    #[test]
    fn replies_are_read_as_the_redis_crate_reads_them(
        all in proptest::collection::vec(replies(), 1..6),
        pieces in proptest::collection::vec(1_usize..40, 1..5),
    ) {
        let mut bytes = Vec::new();
        let mut theirs = Vec::new();
        for value in &all {
            let from = bytes.len();
            encode(value, &mut bytes);
            theirs.push(redis::parse_redis_value(&bytes[from..]).unwrap());
        }
        prop_assert_eq!(parse(&bytes, &pieces).unwrap(), theirs);
    }

    #[test]
    fn whatever_comes_is_read_or_refused(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        let _ = parse(&bytes, &[7]);
    }
}

#[test]
fn an_error_keeps_its_code() {
    let replies = parse(b"-NOPERM this user may not\r\n!8\r\nLOADING \r\n", &[3]).unwrap();
    let codes: Vec<_> = replies
        .into_iter()
        .map(|reply| match reply {
            Value::ServerError(error) => error.code().to_owned(),
            other => panic!("{other:?}"),
        })
        .collect();
    assert_eq!(codes, ["NOPERM", "LOADING"]);
}

#[test]
fn messages_and_attributes_are_no_replies() {
    let bytes =
        b">2\r\n+invalidate\r\n*0\r\n|1\r\n+ttl\r\n:3\r\n+OK\r\n*1\r\n|1\r\n+a\r\n+b\r\n:7\r\n";
    for size in 1..bytes.len() {
        assert_eq!(
            parse(bytes, &[size]).unwrap(),
            [Value::Okay, Value::Array(vec![Value::Int(7)])],
            "in pieces of {size}"
        );
    }
}

#[test]
fn the_items_of_a_list_can_be_read_one_by_one() {
    let mut parser = Parser::default();
    let mut input = &b"*2\r\n$1\r\na\r\n$-1\r\n-ERR no\r\n*-1\r\n"[..];
    assert!(matches!(parser.head(&mut &input[..3]), Ok(None)));
    assert_eq!(parser.head(&mut input), Ok(Some(Ok(2))));
    assert_eq!(parser.next(&mut input), Ok(Some(Value::BulkString(b"a".to_vec()))));
    assert_eq!(parser.next(&mut input), Ok(Some(Value::Nil)));
    assert!(matches!(parser.head(&mut input), Ok(Some(Err(Value::ServerError(_))))));
    assert_eq!(parser.head(&mut input), Ok(Some(Ok(0))));
}

#[test]
fn what_is_not_the_protocol_is_refused_before_memory_is_set_aside() {
    for bytes in [
        &b"HTTP/1.1 400\r\n"[..],
        b"\r\n",
        b":x\r\n",
        b"$-2\r\n",
        b"$99999999999\r\n",
        b"*99999999999\r\n",
        b"$1\r\nabc\r\n",
        &b"*1\r\n".repeat(DEPTH + 1),
    ] {
        assert_eq!(parse(bytes, &[5]), Err(Malformed), "{:?}", String::from_utf8_lossy(bytes));
    }
    // The largest lengths that are believed cost nothing until the bytes come.
    assert_eq!(parse(b"$536870912\r\nab", &[5]), Ok(vec![]));
    assert_eq!(parse(b"*536870912\r\n:1\r\n", &[5]), Ok(vec![]));
}
