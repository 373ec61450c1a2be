use cached_kit::cached;

trait Repo {
    #[cached]
    fn get(&self, id: u64) -> u64;
}

fn main() {}
