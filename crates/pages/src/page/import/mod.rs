//! The four steps of an import: upload, match, review rows, analyze.

pub mod columns;
pub mod preparation;
pub mod progress;
pub mod review;
pub mod upload;

pub use columns::MatchPage;
pub use preparation::PreparePage;
pub use progress::ProgressPage;
pub use review::ReviewPage;
pub use upload::UploadPage;
