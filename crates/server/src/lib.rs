//! HTTP: the API as JSON, the pages, who is asking, and what went wrong.
