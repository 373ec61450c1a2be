use cached_kit::cached;

use crate::fixture::set_up;

struct Db;

struct Request {
    tenant: String,
    pair: (u8, u8),
}

#[cached]
fn all(id: u64, r#type: &str) -> u64 {
    id + r#type.len() as u64
}

#[cached(include = [req.tenant, id, name.to_lowercase(), req.pair.1, id % 2 == 0])]
fn included(_db: &Db, req: &Request, id: u64, name: &str) -> String {
    format!("{}{id}{name}", req.tenant)
}

#[cached(exclude = [_db, &mut out])]
fn excluded(_db: &Db, id: u64, out: &mut Vec<u64>) -> u64 {
    out.push(id);
    id
}

#[cached(exclude = [_id])]
fn one_for_all(_id: u64) -> u64 {
    1
}

#[cached(include = [names.len(), id], exclude = [&mut names])]
fn what_a_mutable_parameter_says(names: &mut Vec<&str>, id: u64) -> u64 {
    names.push("a");
    id
}

#[cached(key = "user:{id}/{name.trim()}:{id + 1}")]
fn written(id: u64, name: &str, _db: &Db) -> u64 {
    id + name.len() as u64
}

#[cached(key = "everything", exclude = [_id])]
fn written_without_values(_id: u64) -> u64 {
    1
}

#[cached(name = "users.get")]
fn named(id: u64) -> u64 {
    id
}

#[cached(version = 3)]
fn versioned(id: u64) -> u64 {
    id
}

#[cached(using = "far", name = "users::get-2", version = 0, key = "u:{id}")]
async fn named_and_versioned(id: u64) -> u64 {
    id
}

fn request(tenant: &str) -> Request {
    Request { tenant: tenant.to_owned(), pair: (1, 2) }
}

#[test]
fn all_parameters_form_the_key() {
    set_up();
    assert_eq!(all::entry(1, "a b").key(), "attribute::key::all:id=1,type=a%20b");
    let _ = (all(1, "a"), all(1, "b"), all(2, "a"), all(1, "a"));
    assert_eq!(all::stats().computed, 3);
}

#[test]
fn include_takes_expressions() {
    set_up();
    let req = request("eu");
    assert_eq!(included(&Db, &req, 1, "Ann"), "eu1Ann");
    assert_eq!(included(&Db, &req, 1, "ANN"), "eu1Ann");
    assert_eq!(included(&Db, &request("us"), 1, "ANN"), "us1ANN");
    assert_eq!(included::stats().computed, 2);
    let expected = "attribute::key::included:req.tenant=eu,id=1,2=ann,req.pair.1=2,4=false";
    assert_eq!(included::entry(&req, 1, "Ann").key(), expected);
    assert_eq!(included::entry(&req, 1, "aNN").peek().as_deref(), Some("eu1Ann"));
}

#[test]
fn exclude_leaves_parameters_out() {
    set_up();
    let mut out = Vec::new();
    let _ = (excluded(&Db, 1, &mut out), excluded(&Db, 1, &mut out), excluded(&Db, 2, &mut out));
    assert_eq!(out, [1, 2]);
    assert_eq!(excluded::entry(1).key(), "attribute::key::excluded:id=1");
}

/// finding "First hour" 5
#[test]
fn a_mutable_parameter_that_a_hit_leaves_as_it_was() {
    set_up();
    let mut names = vec![];
    assert_eq!(what_a_mutable_parameter_says(&mut names, 1), 1);
    assert_eq!(what_a_mutable_parameter_says(&mut vec![], 1), 1);
    assert_eq!(what_a_mutable_parameter_says(&mut names, 1), 1);
    assert_eq!(names, ["a", "a"]);
    assert_eq!(what_a_mutable_parameter_says::stats().computed, 2);
}

#[test]
fn no_parameters_share_one_entry() {
    set_up();
    let _ = (one_for_all(1), one_for_all(2));
    assert_eq!(one_for_all::stats().computed, 1);
    assert_eq!(one_for_all::entry().key(), "attribute::key::one_for_all:");
}

#[test]
fn a_key_can_be_written_out() {
    set_up();
    assert_eq!(written(1, " a ", &Db), 4);
    assert_eq!(written(1, "a", &Db), 4);
    assert_eq!(written::entry(1, " a/b ").key(), "attribute::key::written:user:1/a%2Fb:2");
    assert_eq!(
        written_without_values::entry().key(),
        "attribute::key::written_without_values:everything"
    );
    let _ = (written_without_values(1), written_without_values(2));
    assert_eq!(written_without_values::stats().computed, 1);
}

#[test]
fn a_name_and_a_version_begin_the_key() {
    set_up();
    assert_eq!(named::entry(7).key(), "users.get:id=7");
    assert_eq!(versioned::entry(7).key(), "attribute::key::versioned@3:id=7");
    assert_eq!(named_and_versioned::entry(7).key(), "users::get-2@0:u:7");
}
