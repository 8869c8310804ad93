//! Lists that keep only the latest few items.

/// Moves an item to the end of the list, or adds it there, and drops the oldest items beyond `limit`. Returns whether
/// the item is new.
pub(crate) fn remember<T: PartialEq>(list: &mut Vec<T>, item: T, limit: usize) -> bool {
    let before = list.len();
    list.retain(|known| *known != item);
    let new = list.len() == before;
    list.push(item);
    list.drain(..list.len().saturating_sub(limit));
    new
}
