//! The frame around every page: rail, bar on top, bar at the bottom of phones, and the plain frame of the door.

/// Which entry of the rail is lit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Section {
    #[default]
    Overview,
    Findings,
    Actions,
    Explore,
    Data,
    Reports,
    Ask,
    Settings,
    Help,
    /// A page outside of the rail, such as an error.
    Nowhere,
}

/// Light or dark. By default the reader's system decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    #[default]
    System,
    Light,
    Dark,
}

impl Theme {
    pub fn named(name: &str) -> Self {
        match name {
            "light" => Self::Light,
            "dark" => Self::Dark,
            _ => Self::System,
        }
    }

    /// The value of `data-theme`, where the reader has chosen.
    pub fn attribute(self) -> Option<&'static str> {
        match self {
            Self::System => None,
            Self::Light => Some("light"),
            Self::Dark => Some("dark"),
        }
    }
}

/// A step of the way to this page. The last has no address: it is this page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crumb {
    pub label: String,
    pub href: Option<String>,
}

impl Crumb {
    pub fn here(label: impl Into<String>) -> Self {
        Self { label: label.into(), href: None }
    }

    pub fn link(label: impl Into<String>, href: impl Into<String>) -> Self {
        Self { label: label.into(), href: Some(href.into()) }
    }
}

/// Another plant or organisation to go to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub name: String,
    /// The address that the switch is posted to.
    pub action: String,
    pub current: bool,
}

/// Who is signed in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Reader {
    pub name: String,
    pub email: String,
    /// The role in words: `Analyst`.
    pub role: String,
}

impl Reader {
    /// `Maria Keller` → `MK`.
    pub fn initials(&self) -> String {
        let source = if self.name.trim().is_empty() { &self.email } else { &self.name };
        let mut words =
            source.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
        let first = words.next().and_then(|word| word.chars().next());
        let last = words.next_back().and_then(|word| word.chars().next());
        first
            .into_iter()
            .chain(last.filter(|_| !self.name.trim().is_empty()))
            .flat_map(char::to_uppercase)
            .collect()
    }
}

/// Numbers beside entries of the rail; nothing is shown for none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    pub findings: Option<u64>,
    pub actions: Option<u64>,
    /// Uploads that wait for a decision.
    pub data: Option<u64>,
}

/// Everything of a page that is not its own.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shell {
    /// For the browser's tab.
    pub title: String,
    pub section: Section,
    pub crumbs: Vec<Crumb>,
    pub plant: String,
    pub organisation: String,
    /// Plants and organisations to switch to; empty where there is one of each.
    pub places: Vec<Place>,
    pub reader: Option<Reader>,
    /// Goes into every form.
    pub csrf: String,
    pub theme: Theme,
    pub counts: Counts,
    /// `7 of 10 uploads used this month`.
    pub quota: Option<String>,
    /// Whether it is a page of the console of whoever runs the installation.
    pub console: bool,
    pub notices: Vec<crate::component::notice::Notice>,
}

impl Shell {
    /// The same frame for a page of its own.
    #[must_use]
    pub fn with(&self, section: Section, title: impl Into<String>, crumbs: Vec<Crumb>) -> Self {
        Self { title: title.into(), section, crumbs, ..self.clone() }
    }

    /// Whether the plant that is looked at has a name of its own.
    pub fn plant_is_named(&self) -> bool {
        self.plant != "All plants"
    }

    pub fn at(&self, section: Section) -> bool {
        self.section == section
    }

    /// Whether a page of the console is this one, or leads to it.
    pub fn under(&self, label: &str) -> bool {
        self.crumbs.iter().any(|crumb| crumb.label == label)
    }

    /// A frame with made-up names, for samples.
    pub fn sample() -> Self {
        Self {
            plant: "Toledo plant".to_owned(),
            organisation: "Brandt & Lowe Components".to_owned(),
            reader: Some(Reader {
                name: "Maria Keller".to_owned(),
                email: "maria.keller@example.com".to_owned(),
                role: "Analyst".to_owned(),
            }),
            csrf: "sample".to_owned(),
            counts: Counts { findings: Some(15), actions: Some(4), data: Some(1) },
            quota: Some("7 of 10 uploads used this month".to_owned()),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_come_from_the_name_or_the_address() {
        let initials = |name: &str, email: &str| {
            Reader { name: name.to_owned(), email: email.to_owned(), role: String::new() }.initials()
        };
        assert_eq!(initials("Maria Keller", ""), "MK");
        assert_eq!(initials("Ångström", ""), "Å");
        assert_eq!(initials("Ana de la Cruz", ""), "AC");
        assert_eq!(initials("", "plant@example.com"), "P");
        assert_eq!(initials("", ""), "");
    }
}
