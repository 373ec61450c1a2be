//! Who waits for the replies that come, and how each gets its own.

use std::collections::VecDeque;

use cached_core::Tick;
use redis::Value;

use super::Lost;
use super::queue::Asker;
use crate::wire::Parser;

/// Replies that come next, and since when they have been asked for.
pub(super) struct Expected {
    pub(super) since: Tick,
    pub(super) whose: Whose,
}

/// Who waits for them.
pub(super) enum Whose {
    /// One reply for each of these, in a list that is still to begin, or of which the first is next.
    List { askers: VecDeque<Asker>, begun: bool },
    /// So many replies for one.
    Own { asker: Asker, left: usize, replies: Vec<Value> },
    /// The sign of life.
    Pong,
}

impl Expected {
    pub(super) fn askers(&mut self) -> impl Iterator<Item = &mut Asker> {
        let (list, own) = match &mut self.whose {
            Whose::List { askers, .. } => (Some(askers), None),
            Whose::Own { asker, .. } => (None, Some(asker)),
            Whose::Pong => (None, None),
        };
        list.into_iter().flatten().chain(own)
    }
}

/// Hands out one reply; false when it is not complete.
pub(super) fn hand_out_one(
    parser: &mut Parser,
    expected: &mut VecDeque<Expected>,
    input: &mut &[u8],
) -> Result<bool, Lost> {
    let malformed = |_| Lost::Malformed;
    if let Some(Whose::List { askers, begun: begun @ false }) = whose(expected) {
        match parser.head(input).map_err(malformed)? {
            None => return Ok(false),
            Some(Ok(count)) if count == askers.len() => *begun = true,
            Some(Err(refusal @ Value::ServerError(_))) => {
                askers.iter_mut().for_each(|asker| asker.answer(Ok(refusal.clone())));
                expected.pop_front();
            }
            Some(_) => return Err(Lost::Malformed),
        }
        return Ok(true);
    }
    let Some(reply) = parser.next(input).map_err(malformed)? else { return Ok(false) };
    let is_complete = match whose(expected) {
        // Nobody asked for it: what follows could be anybody's.
        None => return Err(Lost::Malformed),
        Some(Whose::Pong) => true,
        Some(Whose::List { askers, .. }) => {
            if let Some(mut asker) = askers.pop_front() {
                asker.answer(Ok(reply));
            }
            askers.is_empty()
        }
        Some(Whose::Own { asker, left: 1, replies }) if replies.is_empty() => {
            asker.answer(Ok(reply));
            true
        }
        Some(Whose::Own { asker, left, replies }) => {
            replies.push(reply);
            *left -= 1;
            if *left == 0 {
                asker.answer(Ok(Value::Array(std::mem::take(replies))));
            }
            *left == 0
        }
    };
    if is_complete {
        expected.pop_front();
    }
    Ok(true)
}

/// Who waits for the next reply.
fn whose(expected: &mut VecDeque<Expected>) -> Option<&mut Whose> {
    expected.front_mut().map(|first| &mut first.whose)
}
