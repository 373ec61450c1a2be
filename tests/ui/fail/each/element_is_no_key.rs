use cached_kit::cached;

#[derive(Clone)]
struct Point(f64);

#[cached(each = point in points)]
fn get(points: &[Point]) -> Vec<u64> {
    points.iter().map(|point| point.0 as u64).collect()
}

fn main() {
    get(&[Point(1.0)]);
}
