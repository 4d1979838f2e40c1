//! Whole numbers among the arguments.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// Parser for a whole number within `range`, whose error names the range: that of a
/// number itself speaks of digits.
pub(super) fn within<T>(range: RangeInclusive<T>) -> impl Fn(&str) -> Result<T, String> + Clone
where
    T: FromStr + PartialOrd + Display + Copy + Send + Sync + 'static,
{
    move |text| {
        let number = text.parse().ok().filter(|number| range.contains(number));
        let (first, last) = (range.start(), range.end());
        number.ok_or_else(|| format!("not a whole number from {first} to {last}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_outside_of_its_range_is_told_with_the_range() {
        let parse = within(1..=4096u16);
        assert_eq!((parse("1"), parse("4096")), (Ok(1), Ok(4096)));
        for text in ["", "x", "0", "4097", "-1", "1.5", "99999999999999999999"] {
            assert_eq!(
                parse(text),
                Err("not a whole number from 1 to 4096".to_owned()),
                "{text}"
            );
        }
    }
}
