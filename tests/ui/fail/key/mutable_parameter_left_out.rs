use cached_kit::cached;

#[cached(include = [id])]
fn f(id: u64, out: Option<&mut String>) -> u64 {
    if let Some(out) = out {
        out.push('a');
    }
    id
}

fn main() {
    f(1, None);
}
