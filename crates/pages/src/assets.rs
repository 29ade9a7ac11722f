//! The files that pages ask for, embedded, with a digest of their content in their names: they can be kept for ever.

use std::{borrow::Cow, sync::LazyLock};

/// Where assets live.
pub const PREFIX: &str = "/assets/";

/// One file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asset {
    /// Its name in the source tree.
    pub name: &'static str,
    /// Its name on the wire: stem, digest, extension.
    pub file: String,
    pub content_type: &'static str,
    pub bytes: Cow<'static, [u8]>,
}

impl Asset {
    /// A file under the name of its content.
    pub fn new(name: &'static str, content_type: &'static str, bytes: impl Into<Cow<'static, [u8]>>) -> Self {
        let bytes = bytes.into();
        Self { name, file: named_by_content(name, &bytes), content_type, bytes }
    }
}

/// Every file, in the order they were added.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The file of this name on the wire.
pub fn find(file: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.file == file)
}

/// The address of the file that the source tree calls `name`.
pub fn address(name: &str) -> String {
    let file = ASSETS.iter().find(|asset| asset.name == name).map_or(name, |asset| asset.file.as_str());
    format!("{PREFIX}{file}")
}

static ASSETS: LazyLock<Vec<Asset>> = LazyLock::new(|| {
    let plain: [(&'static str, &'static str, &'static [u8]); 6] = [
        (
            "ibm-plex-sans-latin-wght-normal.woff2",
            "font/woff2",
            include_bytes!("../assets/ibm-plex-sans-latin-wght-normal.woff2"),
        ),
        (
            "ibm-plex-mono-latin-400-normal.woff2",
            "font/woff2",
            include_bytes!("../assets/ibm-plex-mono-latin-400-normal.woff2"),
        ),
        ("htmx.min.js", "text/javascript; charset=utf-8", include_bytes!("../assets/htmx.min.js")),
        ("app.js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")),
        ("charts.js", "text/javascript; charset=utf-8", include_bytes!("../assets/charts.js")),
        ("mark.svg", "image/svg+xml", include_bytes!("../assets/mark.svg")),
    ];
    let mut assets: Vec<Asset> =
        plain.into_iter().map(|(name, content_type, bytes)| Asset::new(name, content_type, bytes)).collect();
    // The style sheet names fonts by their source names; on the wire it names what is really there.
    let mut css = include_str!("../assets/app.css").to_owned();
    for asset in &assets {
        css = css.replace(&format!("url({})", asset.name), &format!("url({})", asset.file));
    }
    assets.push(Asset::new("app.css", "text/css; charset=utf-8", css.into_bytes()));
    assets
});

/// `app.css` → `app.0123456789abcdef.css`. A name for caches, not a seal: 64 bits of FNV-1a do.
fn named_by_content(name: &str, bytes: &[u8]) -> String {
    let mut digest = 0xcbf2_9ce4_8422_2325_u64;
    for byte in bytes {
        digest = (digest ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    }
    let (stem, extension) = name.rsplit_once('.').unwrap_or((name, ""));
    format!("{stem}.{digest:016x}.{extension}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_change_with_content_only() {
        assert_eq!(named_by_content("a.css", b"x"), named_by_content("a.css", b"x"));
        assert_ne!(named_by_content("a.css", b"x"), named_by_content("a.css", b"y"));
        assert_eq!(address("app.css").len(), "/assets/app.0123456789abcdef.css".len());
        assert!(find(address("htmx.min.js").trim_start_matches(PREFIX)).is_some());
        assert!(find("../Cargo.toml").is_none());
    }

    #[test]
    fn the_style_sheet_names_fonts_as_they_are_served() {
        let css = all().iter().find(|asset| asset.name == "app.css").map(|asset| &asset.bytes).unwrap();
        let css = String::from_utf8(css.to_vec()).unwrap();
        for part in css.split("url(").skip(1) {
            let file = part.split(')').next().unwrap();
            assert!(find(file).is_some(), "{file} is not there");
        }
    }
}
