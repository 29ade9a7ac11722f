//! Opening a store by its URL, with how long it may keep somebody waiting.

use std::{sync::Arc, time::Duration};

use object_store::{
    BackoffConfig, ObjectStore, ObjectStoreScheme, RetryConfig, aws::AmazonS3Builder,
    path::Path as ObjectPath,
};
use url::Url;

/// How often a request is sent again, and until when: a hiccup (503, a broken connection) passes unnoticed, and whoever waits for
/// an answer hears within seconds that the store is away. What may wait longer comes again by itself.
const RETRIES: RetryConfig = RetryConfig {
    backoff: BackoffConfig {
        init_backoff: Duration::from_millis(100),
        max_backoff: Duration::from_secs(2),
        base: 2.0,
    },
    max_retries: 5,
    retry_timeout: Duration::from_secs(8),
};

/// The store at `s3://bucket/prefix` and the prefix. Unknown options are passed over.
pub(crate) fn open(
    url: &Url,
    options: impl IntoIterator<Item = (String, String)>,
) -> Result<(Arc<dyn ObjectStore>, ObjectPath), object_store::Error> {
    if !matches!(ObjectStoreScheme::parse(url), Ok((ObjectStoreScheme::AmazonS3, _))) {
        let (store, prefix) = object_store::parse_url_opts(url, options)?;
        return Ok((Arc::from(store), prefix));
    }
    let (_, prefix) = ObjectStoreScheme::parse(url)?;
    let mut builder = AmazonS3Builder::new().with_url(url.as_str()).with_retry(RETRIES);
    for (name, value) in options {
        if let Ok(name) = name.to_ascii_lowercase().parse() {
            builder = builder.with_config(name, value);
        }
    }
    Ok((Arc::new(builder.build()?), prefix))
}
