//! Short lists of what came last.

/// Puts something at the end, once, and forgets the oldest beyond `most`. Whether it is new.
pub(crate) fn remember<T: PartialEq>(list: &mut Vec<T>, item: T, most: usize) -> bool {
    let before = list.len();
    list.retain(|known| *known != item);
    let new = list.len() == before;
    list.push(item);
    list.drain(..list.len().saturating_sub(most));
    new
}
