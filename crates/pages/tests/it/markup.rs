//! Markup that every page keeps to: a strict content security policy, forms with their token, one heading, names.

use std::collections::BTreeSet;

use pages::{gallery, layout::Theme};

fn check(holds: impl Fn(&str) -> Result<(), String>) {
    let mut broken = Vec::new();
    for page in gallery::pages(Theme::Light).unwrap() {
        if let Err(why) = holds(&page.html) {
            broken.push(format!("{}: {why}", page.name));
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Attribute values of this name.
fn values<'a>(html: &'a str, name: &str) -> Vec<&'a str> {
    let open = format!(" {name}=\"");
    html.split(open.as_str()).skip(1).filter_map(|rest| rest.split('"').next()).collect()
}

#[test]
fn nothing_is_inline_and_nothing_comes_from_elsewhere() {
    check(|html| {
        // People may follow a link to the payment provider; nothing is loaded from there.
        let html =
            html.replace(" href=\"https://invoice.example/", "").replace(" href=\"https://pay.example/", "");
        for banned in [
            " style=",
            "<style",
            "hx-on",
            " onclick",
            " onload",
            "javascript:",
            "=\"http://",
            "=\"https://",
            "src=\"//",
        ] {
            if html.contains(banned) {
                return Err(format!("holds {banned}"));
            }
        }
        for script in html.split("<script").skip(1) {
            if !script.starts_with(" src=\"/assets/") || !script.contains("></script>") {
                return Err("holds an inline script".to_owned());
            }
        }
        Ok(())
    });
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    check(|html| {
        for form in html.split("<form").skip(1) {
            let form = form.split("</form>").next().unwrap_or_default();
            if form.contains("method=\"post\"")
                && !form.contains("name=\"csrf\" value=\"sample\"")
                && !form.contains("name=\"csrf\" value=\"\"")
            {
                return Err(format!("a form without it: {}", &form[..form.len().min(120)]));
            }
        }
        Ok(())
    });
}

#[test]
fn every_page_has_one_heading_a_title_a_language_and_a_main_part() {
    check(|html| {
        let once = |part: &str| {
            if html.matches(part).count() == 1 { Ok(()) } else { Err(format!("not exactly one {part}")) }
        };
        once("<h1>")?;
        once("<title>")
            .or_else(|_| if html.contains("<title>") { Ok(()) } else { Err("no title".to_owned()) })?;
        once("<main id=\"main\"")?;
        once("<html lang=\"en\"")
    });
}

#[test]
fn ids_are_unique_and_every_address_within_the_page_leads_somewhere() {
    check(|html| {
        let ids: Vec<&str> = values(html, "id");
        let distinct: BTreeSet<&str> = ids.iter().copied().collect();
        // The gallery shows several examples side by side.
        if distinct.len() != ids.len() && !html.contains("<h1>Gallery</h1>") {
            let mut seen = BTreeSet::new();
            let twice: Vec<&&str> = ids.iter().filter(|id| !seen.insert(**id)).collect();
            return Err(format!("ids twice: {twice:?}"));
        }
        for name in ["for", "aria-describedby"] {
            for id in values(html, name).into_iter().flat_map(|ids| ids.split(' ')) {
                if !distinct.contains(id) {
                    return Err(format!("{name} names {id}, which is not there"));
                }
            }
        }
        if html.contains("<h1>Gallery</h1>") {
            return Ok(());
        }
        for href in values(html, "href").into_iter().filter_map(|href| href.strip_prefix('#')) {
            if !distinct.contains(href) {
                return Err(format!("#{href} leads nowhere"));
            }
        }
        Ok(())
    });
}

#[test]
fn what_customers_wrote_stays_text() {
    let html = gallery::pages(Theme::Light)
        .unwrap()
        .into_iter()
        .find(|page| page.name == "findings-4")
        .unwrap()
        .html;
    assert!(html.contains("value=\"&#60;b&#62;\""), "the text of the filter is not escaped");
    assert!(!html.contains("<b>\""));
}
