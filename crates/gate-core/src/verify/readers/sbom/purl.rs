//! Package URLs in their one spelling.

use std::str::FromStr;

use packageurl::PackageUrl;

/// One spelling for one package.
pub(super) fn normalise(text: &str) -> Result<String, String> {
    PackageUrl::from_str(text).map(|parsed| parsed.to_string()).map_err(|error| error.to_string())
}
