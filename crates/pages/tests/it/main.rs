//! What holds for every page: rendered from its samples, as it would be sent.

mod axe;
mod contrast;
mod markup;
mod weight;
