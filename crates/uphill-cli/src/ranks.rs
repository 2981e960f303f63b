//! The ranks of a run: this process alone, or all that `mpirun` started, with the feature `mpi`.
//!
//! Rank 0 speaks to people and writes files; every other one is silent, unless it has an error of its own. An error that
//! another rank has told is not told again.

use std::sync::Arc;

use uphill_ranks::{Alone, Communicator, Error as Of, any, gather};

use crate::error::Error;
use crate::output::Output;

/// How long a rank waits for another.
#[derive(Debug, Clone, Copy, Default, clap::Args)]
pub struct Patience {
    /// Under mpirun, if built with the feature `mpi`: give up a rank that is silent for so many seconds
    #[arg(
        long,
        value_name = "SECONDS",
        default_value_t = 600,
        value_parser = crate::numbers::whole::<u64>,
        allow_negative_numbers = true
    )]
    pub wait: u64,
}

/// The ranks, and this one's place among them.
pub(crate) struct Ranks {
    communicator: Arc<dyn Communicator>,
    #[cfg(feature = "mpi")]
    mpi: Option<Arc<uphill_mpi::Mpi>>,
}

impl Ranks {
    /// What `mpirun` started, if it did; else this process.
    #[cfg(feature = "mpi")]
    pub(crate) fn begin(patience: Patience) -> Ranks {
        let is_started = uphill_mpi::is_started_by_mpi();
        let seconds = std::time::Duration::from_secs(patience.wait);
        let mpi = is_started.then(|| uphill_mpi::Mpi::begin(seconds)).flatten();
        let last_words =
            |error: &uphill_ranks::Error| Output::new(false).error(&Error::Ranks(error.clone()));
        let mpi = mpi
            .map(|mpi| Arc::new(mpi.stopped_by(crate::interrupt::flag()).last_words(last_words)));
        let communicator: Arc<dyn Communicator> = match &mpi {
            Some(mpi) => Arc::clone(mpi) as Arc<dyn Communicator>,
            None => Arc::new(Alone),
        };
        Ranks { communicator, mpi }
    }

    /// This process.
    #[cfg(not(feature = "mpi"))]
    pub(crate) fn begin(_: Patience) -> Ranks {
        Ranks { communicator: Arc::new(Alone) }
    }

    pub(crate) fn communicator(&self) -> &dyn Communicator {
        &*self.communicator
    }

    pub(crate) fn shared(&self) -> Arc<dyn Communicator> {
        Arc::clone(&self.communicator)
    }

    pub(crate) fn is_first(&self) -> bool {
        self.communicator.rank() == 0
    }

    /// Where this rank speaks: nowhere, unless it is the first one.
    pub(crate) fn output(&self, output: &Output) -> Output {
        if self.is_first() { *output } else { Output::silent() }
    }

    /// What only the first rank does; all go on if it could.
    pub(crate) fn first_does(&self, work: impl FnOnce() -> Result<(), Error>) -> Result<(), Error> {
        uphill_ranks::agree(self.communicator(), if self.is_first() { work() } else { Ok(()) })
    }

    /// The end of the work on all ranks: the first one that failed tells its error before any rank ends, since `mpirun` kills
    /// the others as soon as one does, and all have its exit code. Where a rank is lost, it ends them all.
    pub(crate) fn ended(&self, done: Result<(), Error>, output: &Output) -> Result<(), Error> {
        let ranks = self.communicator();
        if ranks.count() == 1 {
            return done;
        }
        if let Err(error @ Error::Ranks(lost)) = &done
            && !matches!(lost, Of::Elsewhere { .. } | Of::Interrupted)
        {
            output.error(error);
            self.abort();
        }
        let own = match &done {
            Err(error) if !error.is_told() && !error.is_closed_pipe() => error.exit_code(),
            _ => 0,
        };
        let Ok(codes) = gather::<Of>(ranks, Ok(vec![own])) else { return done };
        let failed = codes.iter().position(|code| *code != [0]);
        if let (Some(first), Err(error)) = (failed, &done)
            && first == ranks.rank()
        {
            output.error(error);
        }
        // Nobody ends before it is told.
        let _ = any(ranks, false);
        match failed.and_then(|first| codes[first].first()) {
            None => Ok(()),
            Some(code) => Err(Error::Told(*code)),
        }
    }

    #[cfg(feature = "mpi")]
    fn abort(&self) {
        if let Some(mpi) = &self.mpi {
            mpi.abort(1);
        }
    }

    #[cfg(not(feature = "mpi"))]
    fn abort(&self) {}
}
