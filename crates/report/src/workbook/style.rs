//! Number formats and weights of the workbook's cells.

use std::borrow::Cow;

use domain::Currency;
use rust_xlsxwriter::{Format, FormatAlign};
use translation::Tongue;

#[derive(Debug)]
pub(crate) struct Style {
    pub(crate) title: Format,
    pub(crate) head: Format,
    pub(crate) text: Format,
    pub(crate) wrapped: Format,
    pub(crate) money: Format,
    pub(crate) number: Format,
    pub(crate) count: Format,
    pub(crate) percent: Format,
    /// To two decimals of a percent, as answers give it.
    pub(crate) share: Format,
    pub(crate) date: Format,
    tongue: Tongue,
}

impl Style {
    pub(crate) fn new(currency: &Currency, tongue: Tongue) -> Self {
        let money = match currency.as_str() {
            "USD" => "$#,##0.00;[Red]-$#,##0.00".to_owned(),
            "XXX" => "#,##0.00;[Red]-#,##0.00".to_owned(),
            code => format!("#,##0.00 \"{code}\";[Red]-#,##0.00 \"{code}\""),
        };
        Self {
            title: Format::new().set_bold().set_font_size(14),
            head: Format::new().set_bold().set_background_color(0x00E0_EFEF),
            text: Format::new(),
            wrapped: Format::new().set_text_wrap().set_align(FormatAlign::Top),
            money: Format::new().set_num_format(money),
            number: Format::new().set_num_format("#,##0.00"),
            count: Format::new().set_num_format("#,##0"),
            percent: Format::new().set_num_format("0.0%"),
            share: Format::new().set_num_format("0.00%"),
            date: Format::new().set_num_format("yyyy-mm-dd"),
            tongue,
        }
    }

    /// Words of ours in the reader's language.
    pub(crate) fn say<'a>(&self, text: &'a str) -> Cow<'a, str> {
        translation::text(text, self.tongue)
    }
}
