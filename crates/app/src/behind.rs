//! Heavy work on threads that stand behind: whoever waits for an answer gets a processor first.

use thread_priority::{
    NormalThreadSchedulePolicy, ThreadPriority, ThreadPriorityValue, ThreadSchedulePolicy,
    set_thread_priority_and_policy, thread_native_id,
};
use tokio::{runtime::Handle, sync::oneshot};

use crate::Error;

/// Of a hundred; on Linux this is a niceness of about ten, a tenth of the weight of what answers requests. What a thread starts
/// inherits it.
const STANDING: u8 = 22;

/// Runs work that takes a processor, behind the threads that answer requests. A panic in it is an error.
pub(crate) async fn run<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (done, outcome) = oneshot::channel();
    let runtime = Handle::current();
    let thread = std::thread::Builder::new().name("behind".to_owned());
    let begun = thread.spawn(move || {
        stand_behind();
        let _entered = runtime.enter();
        // Whoever asked may have gone; then nobody hears of it.
        let _ = done.send(work());
    });
    begun.map_err(|error| Error::Work(format!("a thread could not be started: {error}")))?;
    outcome.await.map_err(|_| Error::Work("the computation broke".to_owned()))?
}

/// Where the system does not let it, the work is done as everything else.
fn stand_behind() {
    let Ok(standing) = ThreadPriorityValue::try_from(STANDING) else { return };
    let policy = ThreadSchedulePolicy::Normal(NormalThreadSchedulePolicy::Other);
    if let Err(error) =
        set_thread_priority_and_policy(thread_native_id(), ThreadPriority::Crossplatform(standing), policy)
    {
        tracing::debug!(?error, "heavy work does not stand behind");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The niceness of this very thread, as the system tells it.
    #[cfg(target_os = "linux")]
    fn niceness() -> i64 {
        let stat = std::fs::read_to_string("/proc/thread-self/stat").unwrap();
        stat.rsplit(')').next().unwrap().split_whitespace().nth(16).unwrap().parse().unwrap()
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn work_stands_behind_and_what_it_starts_too() {
        let own = niceness();
        let (work, started) =
            run(|| Ok((niceness(), std::thread::spawn(niceness).join().unwrap()))).await.unwrap();
        assert!(work > own && started == work, "{own} {work} {started}");
        assert_eq!(niceness(), own);
    }

    #[tokio::test]
    async fn what_breaks_is_an_error() {
        assert!(matches!(run::<()>(|| panic!("on purpose")).await, Err(Error::Work(_))));
        assert!(matches!(run::<()>(|| Err(Error::NotFound("file"))).await, Err(Error::NotFound("file"))));
    }
}
