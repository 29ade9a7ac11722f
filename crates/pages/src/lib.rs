//! What each page shows, as a context and a template.
