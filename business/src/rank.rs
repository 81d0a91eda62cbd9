//! The rank of items in a record: keys that are compared as text, so that two people's additions never renumber.

/// A key after the last one in use. Six digits hold a million additions at the end; a key between two others is made
/// by writing on: `000010` < `0000105` < `000011`.
pub fn after(last: Option<&str>) -> String {
    let digits: String = last.unwrap_or_default().chars().take(6).take_while(char::is_ascii_digit).collect();
    format!("{:06}", digits.parse::<u32>().unwrap_or(0).saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn a_key_stands_after_the_last_one_also_after_one_written_between() {
        assert_eq!(after(None), "000001");
        for last in ["000001", "000009", "0000105", "000999"] {
            assert!(after(Some(last)).as_str() > last, "{last}");
        }
    }
}
