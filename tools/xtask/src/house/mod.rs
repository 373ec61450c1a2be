//! The check that the rooms of `cached-core` stand on floors: a room names only rooms below it, or
//! beside it where that makes no circle.

mod arrows;
mod floors;

use std::fs;

use crate::shell;
use arrows::Arrow;
use floors::Floors;

/// Reads the picture in the crate's docs and the imports in its sources, and fails if they disagree.
pub(crate) fn check() -> Result<(), String> {
    let sources = shell::root().join("cached-core/src");
    let docs = fs::read_to_string(sources.join("lib.rs"))
        .map_err(|error| format!("`cached-core/src/lib.rs` cannot be read: {error}"))?;
    let floors = Floors::in_docs(&docs)?;
    let arrows = arrows::in_folder(&sources)?;
    let wrong = wrong(&floors, &arrows);
    println!(
        "floors: {} rooms, {} arrows, {} up or round",
        floors.rooms(),
        arrows.len(),
        wrong.len()
    );
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n")) }
}

/// Says of each arrow that may not be there what is wrong with it.
fn wrong(floors: &Floors, arrows: &[Arrow]) -> Vec<String> {
    let up = arrows.iter().filter_map(|arrow| why_not(floors, arrow).err());
    let round = floors.circles(arrows).into_iter().map(|rooms| {
        format!(
            "the rooms {} name each other in a circle; move what one needs of another to a lower floor",
            rooms.join(", ")
        )
    });
    up.chain(round).collect()
}

fn why_not(floors: &Floors, arrow: &Arrow) -> Result<(), String> {
    let Arrow { file, line, from, to } = arrow;
    let unknown = |room: &str| {
        format!(
            "{file}:{line}: `{room}` is on no floor; name the module that defines the item, or add the \
             room to the picture in `cached-core/src/lib.rs`"
        )
    };
    let below = floors.of(from).ok_or_else(|| unknown(from))?;
    let above = floors.of(to).ok_or_else(|| unknown(to))?;
    if above <= below {
        return Ok(());
    }
    Err(format!(
        "{file}:{line}: `{from}` on floor {below} names `{to}` on floor {above}; move the definition down, \
         or the code that needs it up"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DOCS: &str = "//! ```text\n//! 2  memo  cache\n//! 1  clock  key\n//! ```\nmod memo;\n";

    fn arrow(from: &str, to: &str) -> Arrow {
        Arrow { file: format!("{from}.rs"), line: 3, from: from.to_owned(), to: to.to_owned() }
    }

    fn wrong_of(arrows: &[Arrow]) -> Vec<String> {
        wrong(&Floors::in_docs(DOCS).unwrap(), arrows)
    }

    #[test]
    fn arrows_down_and_beside_are_allowed() {
        let arrows = [arrow("memo", "clock"), arrow("memo", "cache"), arrow("key", "clock")];
        assert!(wrong_of(&arrows).is_empty());
    }

    #[test]
    fn an_arrow_up_is_refused_with_its_place_and_both_floors() {
        let expected = "clock.rs:3: `clock` on floor 1 names `memo` on floor 2; move the definition down, or \
                        the code that needs it up";
        assert_eq!(wrong_of(&[arrow("clock", "memo")]), [expected]);
    }

    #[test]
    fn a_circle_beside_is_refused() {
        let arrows = [arrow("memo", "cache"), arrow("cache", "memo"), arrow("memo", "clock")];
        let expected = "the rooms cache, memo name each other in a circle; move what one needs of another \
                        to a lower floor";
        assert_eq!(wrong_of(&arrows), [expected]);
    }

    #[test]
    fn the_face_of_the_crate_is_no_room() {
        let wrong = wrong_of(&[arrow("memo", "Error")]);
        assert!(wrong[0].starts_with("memo.rs:3: `Error` is on no floor; name the module"));
    }

    #[test]
    fn the_house_as_it_is_stands() {
        assert_eq!(check(), Ok(()));
    }
}
