//! The ranks of a run: this process alone, or all that `mpirun` started, with the feature `mpi`.
//!
//! Rank 0 speaks to people and writes files; every other one is silent, unless it has an error of its own. An error that
//! another rank has told is not told again.

use std::sync::Arc;

use uphill_ranks::{Alone, Communicator};

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

    /// Ends all ranks if this one has lost another, since MPI could not end as it should.
    pub(crate) fn ended(&self, done: Result<(), Error>, output: &Output) -> Result<(), Error> {
        #[cfg(feature = "mpi")]
        if let (Some(mpi), Err(error @ Error::Ranks(lost))) = (&self.mpi, &done)
            && !matches!(
                lost,
                uphill_ranks::Error::Elsewhere { .. } | uphill_ranks::Error::Interrupted
            )
        {
            output.error(error);
            mpi.abort(1);
        }
        let _ = output;
        done
    }
}
