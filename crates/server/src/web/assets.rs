//! The files that pages ask for. Their names carry a digest of their content, so that they are kept for ever; texts travel packed
//! where the browser takes them so.

use std::{collections::BTreeMap, io::Write, sync::LazyLock};

use axum::{
    Router,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Redirect, Response},
};
use flate2::{Compression, write::GzEncoder};
use pages::assets::Asset;

use crate::{Problem, ServerState, boxed::get, extract::Path};

/// The chart library, which the renderer of reports holds too: a page that shows a chart fetches it when somebody points at one.
static LIBRARY: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("echarts.min.js", "text/javascript; charset=utf-8", report::chart::render::LIBRARY.as_bytes())
});

/// Texts as they travel packed, by their names on the wire.
static PACKED: LazyLock<BTreeMap<&'static str, Vec<u8>>> = LazyLock::new(|| {
    let texts = pages::assets::all()
        .iter()
        .chain([&*LIBRARY])
        .filter(|asset| !asset.content_type.starts_with("font/"));
    texts.filter_map(|asset| Some((asset.file.as_str(), packed(&asset.bytes).ok()?))).collect()
});

fn packed(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes)?;
    packer.finish()
}

/// Where the chart library lives.
pub(super) fn library() -> &'static str {
    static ADDRESS: LazyLock<String> = LazyLock::new(|| format!("{}{}", pages::assets::PREFIX, LIBRARY.file));
    &ADDRESS
}

pub(super) fn routes() -> Router<ServerState> {
    Router::new().route("/assets/{file}", get(show)).route("/favicon.ico", get(mark))
}

/// Browsers ask for it by this name where a page of somebody else's (the API's) names none.
async fn mark() -> Redirect {
    Redirect::permanent(&pages::assets::address("mark.svg"))
}

async fn show(Path(file): Path<String>, asked: HeaderMap) -> Result<Response, Problem> {
    let library = || Some(&*LIBRARY).filter(|library| library.file == file);
    let asset = pages::assets::find(&file).or_else(library).ok_or_else(Problem::no_such_address)?;
    let packed = PACKED.get(asset.file.as_str());
    let mut response = match packed.filter(|_| takes_packed(&asked)) {
        Some(packed) => {
            let mut response = packed.as_slice().into_response();
            response.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            response
        }
        None => (&*asset.bytes).into_response(),
    };
    let headers = response.headers_mut();
    if packed.is_some() {
        headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable"));
    Ok(response)
}

/// Whether the browser unpacks what it gets.
fn takes_packed(asked: &HeaderMap) -> bool {
    let taken = asked.get(header::ACCEPT_ENCODING).and_then(|taken| taken.to_str().ok()).unwrap_or_default();
    taken.split(',').map(str::trim).any(|coding| {
        let (name, weight) = coding.split_once(";q=").unwrap_or((coding, "1"));
        name.trim().eq_ignore_ascii_case("gzip")
            && weight.trim().parse::<f32>().is_ok_and(|weight| weight > 0.0)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_travel_packed_to_those_who_take_them() {
        for (taken, expected) in [
            ("gzip, deflate, br", true),
            ("br;q=1.0, GZIP;q=0.5", true),
            ("gzip;q=0", false),
            ("identity", false),
            ("", false),
        ] {
            let mut asked = HeaderMap::new();
            asked.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(taken));
            assert_eq!(takes_packed(&asked), expected, "{taken}");
        }
        assert!(PACKED[LIBRARY.file.as_str()].len() < 400 << 10, "the chart library travels packed");
        assert!(PACKED.keys().all(|file| !file.contains("woff2")), "fonts are packed already");
    }
}
