//! What templates may do with a value besides showing it.

use askama::filters::Safe;

/// The name of an icon becomes the icon; a word beside it says what it means.
#[askama::filter_fn]
pub(crate) fn icon(name: &str, _: &dyn askama::Values) -> askama::Result<Safe<String>> {
    Ok(Safe(format!(
        "<svg class=\"icon\" aria-hidden=\"true\" focusable=\"false\"><use href=\"#i-{name}\"/></svg>"
    )))
}

/// The name of an embedded file becomes its address.
#[askama::filter_fn]
pub(crate) fn asset(name: &str, _: &dyn askama::Values) -> askama::Result<String> {
    Ok(crate::assets::address(name))
}
