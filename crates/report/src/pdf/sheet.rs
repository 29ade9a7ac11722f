//! Pages that fill from top to bottom: text, rules, tables and pictures, with a foot line on each.

use std::borrow::Cow;

use pdf_writer::{Content, Finish, Pdf, Rect, Ref, TextStr};
use translation::Tongue;

use super::{
    picture,
    typeface::{self, Cut, OBJECTS, Used},
};
use crate::chart::option::Token;

/// A4 in points.
const WIDTH: f32 = 595.0;
const HEIGHT: f32 = 842.0;
pub(super) const EDGE: f32 = 42.0;
/// Between the edges.
pub(super) const ROOM: f32 = WIDTH - 2.0 * EDGE;
const BOTTOM: f32 = 56.0;

/// The size at which a text fits, down to two thirds.
pub(super) fn fitting(text: &str, cut: Cut, size: f32, room: f32) -> f32 {
    let needed = typeface::width(text, cut, size);
    // A hair less than what fits by the sum of its letters.
    if needed > room { (size * room / needed * 0.995).max(size * 0.65) } else { size }
}

/// Lines of a text; the last says where there would be more.
pub(super) fn broken(text: &str, cut: Cut, size: f32, room: f32, lines_max: usize) -> Vec<String> {
    let mut lines = typeface::lines(text, cut, size, room);
    if lines.len() > lines_max {
        lines.truncate(lines_max);
        if let Some(last) = lines.last_mut() {
            *last = typeface::cut_to(&format!("{last} …"), cut, size, room);
        }
    }
    lines
}

pub(super) struct Document {
    title: String,
    foot: String,
    pub(super) pages: Vec<Content>,
    /// Where the next line begins, from the bottom of the page.
    pub(super) y: f32,
    /// Everything below the page's end is left out instead of starting a page.
    single: bool,
    tongue: Tongue,
    used: Used,
    /// Words that stayed English.
    #[cfg(test)]
    pub(super) unsaid: std::cell::RefCell<Vec<String>>,
}

impl Document {
    pub(super) fn new(title: &str, foot: &str, tongue: Tongue) -> Self {
        Self {
            title: translation::text(title, tongue).into_owned(),
            foot: foot
                .split(" · ")
                .map(|part| translation::text(part, tongue))
                .collect::<Vec<_>>()
                .join(" · "),
            pages: Vec::new(),
            y: 0.0,
            single: false,
            tongue,
            used: Used::default(),
            #[cfg(test)]
            unsaid: std::cell::RefCell::default(),
        }
    }

    /// Words of ours in the reader's language.
    pub(super) fn say<'a>(&self, text: &'a str) -> Cow<'a, str> {
        #[cfg(test)]
        if text.chars().any(char::is_alphanumeric) && !translation::knows(text, self.tongue) {
            self.unsaid.borrow_mut().push(text.to_owned());
        }
        translation::text(text, self.tongue)
    }

    /// A new page. On a `single` one, what does not fit is left out.
    pub(super) fn page(&mut self, single: bool) {
        self.pages.push(Content::new());
        self.y = HEIGHT - EDGE;
        self.single = single;
    }

    fn content(&mut self) -> &mut Content {
        if self.pages.is_empty() {
            self.page(false);
        }
        let last = self.pages.len() - 1;
        &mut self.pages[last]
    }

    /// Makes room for `height`; false where there is none on a single page.
    pub(super) fn reserve(&mut self, height: f32) -> bool {
        if self.pages.is_empty() {
            self.page(false);
        }
        if self.y - height >= BOTTOM {
            return true;
        }
        if self.single {
            return false;
        }
        self.page(false);
        true
    }

    /// Rows of a table that this page still has room for, with its heading and its heads.
    pub(super) fn rows_left(&self) -> usize {
        ((self.y - BOTTOM - 66.0) / 15.0).max(0.0) as usize
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.y -= height;
    }

    pub(super) fn put(&mut self, x: f32, y: f32, size: f32, cut: Cut, colour: Token, text: &str) {
        self.content();
        if let Some(content) = self.pages.last_mut() {
            write_text(content, &mut self.used, x, y, size, cut, picture::rgb(colour), text);
        }
    }

    /// A paragraph over the whole width, or beside a margin of `indent`.
    pub(super) fn text(
        &mut self,
        text: &str,
        size: f32,
        cut: Cut,
        colour: Token,
        indent: f32,
        lines_max: usize,
    ) {
        let text = self.say(text).into_owned();
        self.said(&text, size, cut, colour, indent, lines_max);
    }

    /// A paragraph that is in the reader's language already.
    fn said(&mut self, text: &str, size: f32, cut: Cut, colour: Token, indent: f32, lines_max: usize) {
        let lines = broken(text, cut, size, ROOM - indent, lines_max);
        let step = size * 1.35;
        for line in lines {
            if !self.reserve(step) {
                return;
            }
            self.y -= step;
            let y = self.y + size * 0.28;
            self.put(EDGE + indent, y, size, cut, colour, &line);
        }
    }

    /// Words in pieces, each said by itself, in one paragraph.
    pub(super) fn pieces(&mut self, pieces: &[String], size: f32) {
        let said = pieces.iter().map(|piece| self.say(piece).into_owned()).collect::<Vec<_>>().join(" · ");
        self.said(&said, size, Cut::Regular, Token::Muted, 0.0, 3);
    }

    /// A list entry with its number or sign before it.
    pub(super) fn entry(&mut self, sign: &str, text: &str) {
        if !self.reserve(13.5) {
            return;
        }
        let y = self.y - 13.5 + 2.8;
        self.put(EDGE, y, 10.0, Cut::Bold, Token::Muted, sign);
        self.text(text, 10.0, Cut::Regular, Token::Text, 18.0, 6);
        self.gap(2.0);
    }

    pub(super) fn heading(&mut self, text: &str) {
        // A heading without a line beneath it would stand alone at the foot of a page.
        if self.reserve(66.0) {
            self.gap(10.0);
            self.text(text, 12.0, Cut::Bold, Token::Text, 0.0, 3);
            self.gap(2.0);
        }
    }

    /// Facts side by side: what, how much, and a note.
    pub(super) fn facts(&mut self, facts: &[(String, String, String)]) {
        if facts.is_empty() || !self.reserve(50.0) {
            return;
        }
        self.rule();
        let width = ROOM / facts.len() as f32;
        let top = self.y;
        for (at, (label, value, note)) in facts.iter().enumerate() {
            let x = EDGE + width * at as f32;
            for (text, below, size, cut, colour) in [
                (label, 12.0, 8.5, Cut::Regular, Token::Muted),
                (value, 27.0, 13.0, Cut::Bold, Token::Text),
                (note, 38.0, 8.5, Cut::Regular, Token::Muted),
            ] {
                let said = self.say(text);
                // An amount is set smaller before a part of it is cut off.
                let room = width - 16.0;
                let size = fitting(&said, cut, size, room);
                let fit = typeface::cut_to(&said, cut, size, room);
                self.put(x, top - below, size, cut, colour, &fit);
            }
        }
        self.y = top - 44.0;
        self.rule();
        self.gap(6.0);
    }

    pub(super) fn rule(&mut self) {
        let y = self.y;
        let [r, g, b] = picture::rgb(Token::Line);
        let content = self.content();
        content.set_stroke_rgb(r, g, b).set_line_width(0.6);
        content.move_to(EDGE, y).line_to(WIDTH - EDGE, y).stroke();
    }

    /// A picture over the whole width, no higher than `height_max`.
    pub(super) fn picture(&mut self, svg: &str, height_max: f32) {
        let Some((width, height)) = picture::size(svg) else { return };
        let scale = (ROOM / width).min(height_max / height);
        if !self.reserve(height * scale + 6.0) {
            return;
        }
        let top = self.y;
        if let Some(content) = self.pages.last_mut() {
            content.save_state();
            // SVG counts downwards, PDF upwards.
            content.transform([scale, 0.0, 0.0, -scale, EDGE, top]);
            picture::draw(content, &mut self.used, svg);
            content.restore_state();
        }
        self.y = top - height * scale - 6.0;
    }

    pub(super) fn finish(mut self) -> Vec<u8> {
        if self.pages.is_empty() {
            self.page(false);
        }
        let total = self.pages.len();
        let mut pdf = Pdf::new();
        let (catalog, tree, info) = (Ref::new(1), Ref::new(2), Ref::new(3));
        let fonts = 4;
        let page_of = |at: usize| Ref::new(fonts + OBJECTS + 2 * at as i32);
        pdf.catalog(catalog).pages(tree);
        pdf.document_info(info).title(TextStr(&self.title)).producer(TextStr("PlantIntel"));
        pdf.pages(tree).kids((0..total).map(page_of)).count(total as i32);
        for (at, mut content) in std::mem::take(&mut self.pages).into_iter().enumerate() {
            let muted = picture::rgb(Token::Muted);
            let number = format!("Page {} of {total}", at + 1);
            let number = self.say(&number).into_owned();
            let foot = typeface::cut_to(&self.foot, Cut::Regular, 8.0, ROOM - 80.0);
            write_text(&mut content, &mut self.used, EDGE, 30.0, 8.0, Cut::Regular, muted, &foot);
            let x = WIDTH - EDGE - typeface::width(&number, Cut::Regular, 8.0);
            write_text(&mut content, &mut self.used, x, 30.0, 8.0, Cut::Regular, muted, &number);
            let (id, stream) = (page_of(at), page_of(at).next());
            let mut page = pdf.page(id);
            page.media_box(Rect::new(0.0, 0.0, WIDTH, HEIGHT)).parent(tree).contents(stream);
            Used::name(fonts, &mut page.resources());
            page.finish();
            pdf.stream(stream, &content.finish());
        }
        self.used.write(fonts, &mut pdf);
        pdf.finish()
    }
}

/// One line of text, its left end and its baseline.
#[expect(clippy::too_many_arguments, reason = "a place, a look and the words")]
fn write_text(
    content: &mut Content,
    used: &mut Used,
    x: f32,
    y: f32,
    size: f32,
    cut: Cut,
    [r, g, b]: [f32; 3],
    text: &str,
) {
    content.set_fill_rgb(r, g, b).begin_text().next_line(x, y);
    typeface::show(content, used, cut, size, text);
    content.end_text();
}
