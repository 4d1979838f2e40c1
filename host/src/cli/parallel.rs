//! Work on many files with all cores, told in the order of the files.

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;

/// Does `work` on each item, on as many threads as there are cores, and calls
/// `tell` on this thread with each result, in the order of the items. An error
/// of `tell` ends it; items that were not begun are left.
pub(super) fn for_each<T: Sync, R: Send, E>(
    items: &[T],
    work: impl Fn(&T) -> R + Sync,
    mut tell: impl FnMut(&T, R) -> Result<(), E>,
) -> Result<(), E> {
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let next = AtomicUsize::new(0);
    let (sender, results) = mpsc::sync_channel(cores);
    thread::scope(|scope| {
        for _ in 0..cores.min(items.len()) {
            let (sender, next, work) = (sender.clone(), &next, &work);
            scope.spawn(move || {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else { return };
                    // The receiver is gone when telling failed: nobody listens.
                    if sender.send((index, work(item))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(sender);
        let mut early = BTreeMap::new();
        let mut in_order = items.iter().enumerate().peekable();
        for (index, result) in results {
            early.insert(index, result);
            while let Some((index, item)) = in_order.peek().copied() {
                let Some(result) = early.remove(&index) else {
                    break;
                };
                tell(item, result)?;
                in_order.next();
            }
        }
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use super::for_each;

    #[test]
    fn results_come_in_order_and_an_error_ends_it() {
        let items: Vec<u32> = (0..100).collect();
        let mut told = Vec::new();
        let done: Result<(), ()> = for_each(
            &items,
            |item| item * 2,
            |_, result| {
                told.push(result);
                Ok(())
            },
        );
        assert_eq!(done, Ok(()));
        assert_eq!(told, (0..100).map(|item| item * 2).collect::<Vec<_>>());
        let stopped = for_each(
            &items,
            |_| (),
            |item, ()| if *item == 3 { Err(*item) } else { Ok(()) },
        );
        assert_eq!(stopped, Err(3));
        assert_eq!(for_each(&[] as &[u32], |_| (), |_, ()| Err(())), Ok(()));
    }
}
