//! Files of a bounded size.

/// Finds the best file of at most `most` bytes among those of qualities from 1 to `best`;
/// where none is that small, the smallest of those that were tried, which the lowest quality
/// is one of.
///
/// A file of a higher quality is taken for a larger one. Where that is not true, a smaller
/// quality may be found than the best one, but never a file that is too large.
///
/// # Errors
///
/// The first one of `encode`.
pub fn within<E>(
    most: usize,
    best: u8,
    mut encode: impl FnMut(u8) -> Result<Vec<u8>, E>,
) -> Result<Vec<u8>, E> {
    let mut found = encode(best)?;
    if found.len() <= most {
        return Ok(found);
    }
    // The file of `low` fits, or there is none; that of `high` does not.
    let (mut low, mut high) = (0, best);
    while high - low > 1 {
        let middle = u8::midpoint(low, high);
        let file = encode(middle)?;
        if file.len() <= most {
            low = middle;
            found = file;
        } else {
            high = middle;
            if found.len() > file.len() {
                found = file;
            }
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::within;

    /// Qualities that were tried, and the size that was found.
    fn search(most: usize, best: u8, size: impl Fn(u8) -> usize) -> (Vec<u8>, usize) {
        let mut tried = vec![];
        let found = within(most, best, |quality| {
            tried.push(quality);
            Ok::<_, ()>(vec![0; size(quality)])
        });
        (tried, found.unwrap().len())
    }

    #[test]
    fn the_best_file_that_fits_is_found() {
        for best in 1..=100 {
            for fitting in 1..=best {
                let (tried, size) = search(usize::from(fitting) * 10, best, |quality| {
                    usize::from(quality) * 10
                });
                assert_eq!(size, usize::from(fitting) * 10);
                assert!(tried.len() <= 8 && tried.iter().all(|quality| *quality <= best));
            }
        }
    }

    #[test]
    fn where_nothing_fits_the_smallest_is_found() {
        let (tried, size) = search(5, 80, |quality| 10 + usize::from(quality));
        assert_eq!((tried.last(), size), (Some(&1), 11));
        // The lowest quality is not always the smallest file.
        let (_, size) = search(5, 80, |quality| if quality == 1 { 90 } else { 20 });
        assert_eq!(size, 20);
    }

    #[test]
    fn what_fits_at_once_is_not_searched() {
        assert_eq!(search(1000, 80, |_| 1000), (vec![80], 1000));
    }

    #[test]
    fn a_file_that_is_too_large_is_never_taken_for_one_that_fits() {
        // Sizes that go up and down.
        for most in 1..200 {
            let size = |quality: u8| usize::from(quality) * 37 % 101 + 20;
            let (tried, found) = search(most, 90, size);
            let fits = tried.iter().any(|quality| size(*quality) <= most);
            assert_eq!(found <= most, fits);
        }
    }
}
