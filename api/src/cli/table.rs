//! A CSV file as rows of known columns, each with its line.
//! Holds what is wrong with a file as a whole (columns, encoding); refuses to understand a value.

use std::{fs, path::Path, sync::Arc};

use csv::{ReaderBuilder, StringRecord, Trim};

use super::stop::Stop;

/// A file's rows.
pub(super) struct Table {
    /// The file, as it was named.
    pub(super) file: String,
    /// Its rows, in order.
    pub(super) rows: Vec<Row>,
}

/// One row: its values in the order of the known columns.
pub(super) struct Row {
    /// The line it begins on, from 1.
    pub(super) line: u64,
    /// How many values it has, and how many it should have, where the two differ.
    pub(super) uneven: Option<(usize, usize)>,
    columns: Arc<[String]>,
    values: Vec<String>,
}

impl Row {
    /// The value of a column, trimmed; empty where the row is too short.
    pub(super) fn get(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|known| known == column);
        place.and_then(|place| self.values.get(place)).map_or("", String::as_str)
    }
}

impl Table {
    /// Reads a file whose first line names exactly these columns, in any order.
    pub(super) fn read(path: &Path, columns: &[&str]) -> Result<Self, Stop> {
        let (file, bytes) = load(path)?;
        Self::parse(file, &bytes, columns, Others::Refused)
    }

    /// Reads a file whose first line names at least these columns; what other columns hold is left aside.
    pub(super) fn read_some(path: &Path, columns: &[&str]) -> Result<Self, Stop> {
        let (file, bytes) = load(path)?;
        Self::parse(file, &bytes, columns, Others::LeftAside)
    }

    fn parse(file: String, bytes: &[u8], columns: &[&str], others: Others) -> Result<Self, Stop> {
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let line = bytes.iter().take(error.valid_up_to()).filter(|byte| **byte == b'\n').count() + 1;
            Stop::new(format!("{file}:{line} is not UTF-8. Save the file as UTF-8 and import it again."))
        })?;
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let mut reader = ReaderBuilder::new().flexible(true).trim(Trim::All).from_reader(text.as_bytes());
        let unreadable = |error| Stop::new(format!("{file} is not CSV: {error}."));
        let header = reader.headers().map_err(unreadable)?.clone();
        let places = places(&file, &header, columns, others)?;
        let known: Arc<[String]> = columns.iter().map(ToString::to_string).collect();
        let (mut rows, mut lines) = (Vec::new(), Lines { text: text.as_bytes(), place: 0, line: 1 });
        for record in reader.records() {
            let record = record.map_err(unreadable)?;
            rows.push(Row {
                line: lines.at(record.position().map_or(0, csv::Position::byte)),
                uneven: (record.len() != header.len()).then_some((record.len(), header.len())),
                columns: Arc::clone(&known),
                values: places.iter().map(|place| record.get(*place).unwrap_or_default().to_owned()).collect(),
            });
        }
        Ok(Self { file, rows })
    }
}

/// What becomes of columns that are not known.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Others {
    Refused,
    LeftAside,
}

fn load(path: &Path) -> Result<(String, Vec<u8>), Stop> {
    let file = path.display().to_string();
    let bytes = fs::read(path).map_err(|error| Stop::new(format!("{file} cannot be read: {error}.")))?;
    Ok((file, bytes))
}

/// Counts lines, since the reader takes the second half of a CR LF for the beginning of the next row.
struct Lines<'a> {
    text: &'a [u8],
    place: usize,
    line: u64,
}

impl Lines<'_> {
    /// The line of the row that begins at a byte, or after the line ends that follow it.
    fn at(&mut self, byte: u64) -> u64 {
        let from = usize::try_from(byte).unwrap_or(usize::MAX).max(self.place);
        let ends = self.text.iter().skip(from).take_while(|byte| matches!(byte, b'\r' | b'\n')).count();
        let start = from.saturating_add(ends).min(self.text.len());
        let passed = self.text.get(self.place..start).unwrap_or_default();
        self.line += (passed.split(|byte| *byte == b'\n').count() as u64).saturating_sub(1);
        self.place = start;
        self.line
    }
}

/// Where each known column stands.
fn places(file: &str, header: &StringRecord, columns: &[&str], others: Others) -> Result<Vec<usize>, Stop> {
    let wrong = |column: &str, what: &str| {
        let (are, named) = match others {
            Others::Refused => ("The columns, in any order, are", columns.join(", ")),
            Others::LeftAside => ("The columns of the file are", header.iter().collect::<Vec<_>>().join(", ")),
        };
        Stop::new(format!("{file}:1 {what} the column \"{column}\". {are}: {named}."))
    };
    for (place, found) in header.iter().enumerate() {
        if !columns.contains(&found) {
            match others {
                Others::Refused => return Err(wrong(found, "has")),
                Others::LeftAside => continue,
            }
        }
        if header.iter().take(place).any(|earlier| earlier == found) {
            return Err(wrong(found, "repeats"));
        }
    }
    let place = |column: &&str| header.iter().position(|found| found == *column).ok_or_else(|| wrong(column, "lacks"));
    columns.iter().map(place).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const COLUMNS: &[&str] = &["team", "quarter"];

    fn read(bytes: &[u8]) -> Result<Vec<(u64, String, String)>, String> {
        let table =
            Table::parse("okrs.csv".into(), bytes, COLUMNS, Others::Refused).map_err(|stop| stop.to_string())?;
        let row = |row: &Row| (row.line, row.get("team").to_owned(), row.get("quarter").to_owned());
        Ok(table.rows.iter().map(row).collect())
    }

    #[test]
    fn columns_are_found_by_name_whatever_their_order_and_a_byte_order_mark_is_no_part_of_one() {
        let found = read("\u{feff}quarter,team\r\n2019-Q1,A\r\n\r\n2019-Q2,\"B\nB\"\n2019-Q3,C\r\n".as_bytes());

        let row = |line, team: &str, quarter: &str| (line, team.to_owned(), quarter.to_owned());
        assert_eq!(found, Ok(vec![row(2, "A", "2019-Q1"), row(4, "B\nB", "2019-Q2"), row(6, "C", "2019-Q3")]));
    }

    #[test]
    fn a_file_that_is_wrong_as_a_whole_is_named_with_line_and_column() {
        let table: [(&[u8], &str); 5] = [
            (b"team\nA\n", "okrs.csv:1 lacks the column \"quarter\""),
            (b"team,quarter,mood\n", "okrs.csv:1 has the column \"mood\""),
            (b"team,quarter,team\n", "okrs.csv:1 repeats the column \"team\""),
            (b"", "okrs.csv:1 lacks the column \"team\""),
            (b"team,quarter\nA,1\nB\xff,2\n", "okrs.csv:3 is not UTF-8"),
        ];
        for (bytes, said) in table {
            let found = read(bytes).unwrap_err();
            assert!(found.starts_with(said), "{found}");
        }
    }
}
