//! A block of cells, as a spreadsheet puts it on the clipboard: cells between tabs, rows between line ends, and quotes
//! round a cell that holds either.

/// The rows of a block and their cells, or nothing when the text is one cell and may be pasted as any text.
pub fn cells(text: &str) -> Option<Vec<Vec<String>>> {
    let rows = rows(text);
    let one_cell = matches!(rows.as_slice(), [row] if row.len() < 2);
    (!rows.is_empty() && !one_cell).then_some(rows)
}

fn rows(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let (mut rows, mut row, mut cell) = (Vec::new(), Vec::new(), String::new());
    let mut letters = text.trim_end_matches('\n').chars().peekable();
    let mut quoted = false;
    while let Some(letter) = letters.next() {
        match letter {
            '"' if quoted && letters.peek() == Some(&'"') => {
                cell.push('"');
                letters.next();
            }
            '"' if quoted => quoted = false,
            // Inches stand inside a cell; a cell that is quoted begins with its quote.
            '"' if cell.is_empty() => quoted = true,
            '\t' if !quoted => row.push(std::mem::take(&mut cell)),
            '\n' if !quoted => {
                row.push(std::mem::take(&mut cell));
                rows.push(std::mem::take(&mut row));
            }
            other => cell.push(other),
        }
    }
    if !cell.is_empty() || !row.is_empty() {
        row.push(cell);
        rows.push(row);
    }
    for cell in rows.iter_mut().flatten() {
        *cell = cell.trim().to_owned();
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_block_from_a_spreadsheet_is_taken_apart() {
        let block = "Flange DN50\t4\t1.234,50\r\n\"Ring \"\"A\"\"\nto rækker\"\t\t12\r\n";
        let expected = vec![vec!["Flange DN50", "4", "1.234,50"], vec!["Ring \"A\"\nto rækker", "", "12"]];
        assert_eq!(cells(block).expect("two rows"), expected);
        assert_eq!(cells("4\n5\n").expect("a column"), vec![vec!["4"], vec!["5"]]);
        assert_eq!(cells("Rør 1/2\"\t7").expect("a row"), vec![vec!["Rør 1/2\"", "7"]]);
    }

    #[test]
    fn one_cell_is_text_like_any_other() {
        for text in ["", "\n", "95,50", "95,50\n", "et ord til"] {
            assert_eq!(cells(text), None, "{text:?}");
        }
    }
}
