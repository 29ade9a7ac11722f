//! A real table with heads, groups, links and buttons.

use askama::Template;

use crate::component::{Button, Link, pill::Pill};

/// A cell, by how it is read.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    /// What a customer wrote: never translated.
    Own(String),
    /// The same, as the name of the row.
    OwnStrong(String),
    /// A customer's name for something, and what is small beneath it in our words.
    OwnTwo(String, String),
    /// The name of the row.
    Strong(String),
    /// Identifiers and samples.
    Code(String),
    /// Formatted, set to the right.
    Number(String),
    /// More than planned, late, worse; the sign says so too.
    Loss(String),
    Muted(String),
    Link(Link),
    Pill(Pill),
    /// A state and why.
    PillNote(Pill, String),
    /// A name and what is small beneath it.
    Two(String, String),
    /// Our words, and somebody's own below them.
    Noted(String, String),
    Button(Button),
    Links(Vec<Link>),
    Empty,
}

impl Cell {
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub fn own(text: impl Into<String>) -> Self {
        Self::Own(text.into())
    }

    pub fn number(text: impl Into<String>) -> Self {
        Self::Number(text.into())
    }

    /// Dates, codes and the like stay on one line.
    fn is_short(&self) -> bool {
        matches!(self, Self::Text(text) | Self::Own(text) if text.len() < 20)
    }

    /// Sentences take room beside columns that hold one word each.
    fn is_long(&self) -> bool {
        matches!(self, Self::Text(text) if text.len() > 80)
    }

    fn is_number(&self) -> bool {
        matches!(self, Self::Number(_) | Self::Loss(_))
    }
}

/// A head: numbers stand right, and so does the head above them.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Head {
    pub label: String,
    pub number: bool,
    /// The address that sorts by this column.
    pub sort: Option<String>,
    /// `ascending` or `descending`, where the table is sorted by it.
    pub sorted: Option<&'static str>,
    /// Read, not seen.
    pub silent: bool,
}

impl Head {
    pub fn text(label: &str) -> Self {
        Self { label: label.to_owned(), ..Self::default() }
    }

    pub fn number(label: &str) -> Self {
        Self { label: label.to_owned(), number: true, ..Self::default() }
    }

    pub fn silent(label: &str) -> Self {
        Self { label: label.to_owned(), silent: true, ..Self::default() }
    }
}

#[derive(Debug, Clone, PartialEq, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    /// A line of its own above this row.
    pub group: Option<(String, String)>,
}

impl Row {
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, group: None }
    }
}

#[derive(Debug, Clone, PartialEq, Template, Default)]
#[template(path = "component/table/template.html")]
pub struct Table {
    /// What the table holds, for those who do not see the card around it.
    pub name: String,
    pub heads: Vec<Head>,
    pub rows: Vec<Row>,
    /// Columns are compared with each other: on a phone the table scrolls instead of becoming a list of cards.
    pub wide: bool,
    /// It is in a language of its own already, figures included, as answers are.
    pub said: bool,
}

impl Table {
    pub fn new(name: &str, heads: Vec<Head>, rows: Vec<Row>) -> Self {
        Self { name: name.to_owned(), heads, rows, wide: false, said: false }
    }

    #[must_use]
    pub fn wide(mut self) -> Self {
        self.wide = true;
        self
    }

    #[must_use]
    pub fn said(mut self) -> Self {
        self.said = true;
        self
    }

    /// Numbers stand right, and so does what stands in for a missing one.
    fn is_number(&self, column: usize, cell: &Cell) -> bool {
        cell.is_number() || (*cell == Cell::Empty && self.heads.get(column).is_some_and(|head| head.number))
    }

    /// What stands before a cell where its head is far away. The first cell names the row and needs nothing.
    fn label(&self, column: usize) -> &str {
        match self.heads.get(column) {
            Some(head) if column > 0 && !head.silent => &head.label,
            _ => "",
        }
    }
}

pub fn examples() -> Vec<Table> {
    vec![Table::new(
        "Orders behind this",
        vec![Head::text("Work order"), Head::text("State"), Head::number("Planned kg"), Head::number("Over")],
        vec![
            Row {
                group: Some(("Bauer GmbH".to_owned(), "2 orders".to_owned())),
                ..Row::new(vec![
                    Cell::Code("J-20611-1".to_owned()),
                    Cell::Pill(crate::component::pill::examples().remove(3)),
                    Cell::number("412.0"),
                    Cell::Loss("+13.7%".to_owned()),
                ])
            },
            Row::new(vec![
                Cell::Link(Link::new("J-20598-1", "/orders/J-20598-1")),
                Cell::Two("Closed".to_owned(), "18 Sep".to_owned()),
                Cell::number("206.0"),
                Cell::Empty,
            ]),
        ],
    )]
}

#[cfg(test)]
mod tests {
    use translation::Tongue;

    use super::*;

    #[test]
    fn figures_of_an_answer_stay_as_it_wrote_them() {
        let rows = vec![Row::new(vec![Cell::Strong("Plant".to_owned()), Cell::number("1.228")])];
        let table = Table::new("Answer", vec![Head::text("Werk"), Head::number("Stück")], rows);
        let shown = |table: &Table| translation::page(table.render().unwrap(), Tongue::German);
        assert!(shown(&table.clone().said()).contains(">1.228<"), "{}", shown(&table.clone().said()));
        assert!(shown(&table.clone().said()).contains("<b>Plant</b>"));
        // Our own figures are written the English way until they are translated.
        assert!(!shown(&table).contains(">1.228<"));
    }
}
