//! Sparse derivatives at a point as matrices of other crates, each under its feature.
//!
//! They take the numbers, not the point, so that any backend may compute them. Where a matrix is made for many points, keep
//! [`Sparse::csr`](super::Sparse::csr) or `csc` and change the numbers alone.

use super::matrix::Sparse;
use crate::error::Error;

impl Sparse {
    /// The numbers of the entries as a matrix of `faer`, column by column, as its factorizations ask for.
    ///
    /// # Arguments
    ///
    /// `outputs`: what [`Sparse::function`] computes at a point.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there is one number an entry.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// let hessian = f.sparse_hessian()?;
    /// let matrix = hessian.to_faer(&hessian.function.eval(&[2.0, 3.0])?)?;
    /// assert_eq!(matrix.get(1, 0), Some(&4.0));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[cfg(feature = "faer")]
    pub fn to_faer(
        &self,
        outputs: &[f64],
    ) -> Result<faer::sparse::SparseColMat<usize, f64>, Error> {
        let columns = self.csc();
        let values = columns.values(outputs)?;
        let places = faer::sparse::SymbolicSparseColMat::new_checked(
            self.rows,
            self.columns,
            columns.starts,
            None,
            columns.indices,
        );
        Ok(faer::sparse::SparseColMat::new(places, values))
    }

    /// The numbers of the entries as a matrix of `nalgebra-sparse`, column by column, as its Cholesky factorization asks
    /// for; `CsrMatrix::from(&matrix)` has them row by row.
    ///
    /// # Arguments
    ///
    /// `outputs`: what [`Sparse::function`] computes at a point.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there is one number an entry.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// let hessian = f.sparse_hessian()?;
    /// let matrix = hessian.to_nalgebra(&hessian.function.eval(&[2.0, 3.0])?)?;
    /// assert_eq!(matrix.get_entry(1, 0).unwrap().into_value(), 4.0);
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[cfg(feature = "nalgebra")]
    pub fn to_nalgebra(&self, outputs: &[f64]) -> Result<nalgebra_sparse::CscMatrix<f64>, Error> {
        let columns = self.csc();
        let values = columns.values(outputs)?;
        let matrix = nalgebra_sparse::CscMatrix::try_from_csc_data(
            self.rows,
            self.columns,
            columns.starts,
            columns.indices,
            values,
        );
        Ok(matrix.expect("places are in order and in range"))
    }

    /// The numbers of the entries as a matrix of `sprs`, row by row; `matrix.to_csc()` has them column by column.
    ///
    /// # Arguments
    ///
    /// `outputs`: what [`Sparse::function`] computes at a point.
    ///
    /// # Errors
    ///
    /// [`Error::WrongLength`] unless there is one number an entry.
    ///
    /// ```
    /// use uphill_graph::Function;
    /// let f = Function::record(["x", "y"], |v| v[0] * v[0] * v[1])?;
    /// let hessian = f.sparse_hessian()?;
    /// let matrix = hessian.to_sprs(&hessian.function.eval(&[2.0, 3.0])?)?;
    /// assert_eq!(matrix.get(1, 0), Some(&4.0));
    /// # Ok::<(), uphill_graph::Error>(())
    /// ```
    #[cfg(feature = "sprs")]
    pub fn to_sprs(&self, outputs: &[f64]) -> Result<sprs::CsMat<f64>, Error> {
        let rows = self.csr();
        let values = rows.values(outputs)?;
        Ok(sprs::CsMat::new((self.rows, self.columns), rows.starts, rows.indices, values))
    }
}
