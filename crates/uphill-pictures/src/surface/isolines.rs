//! Marching squares: the outlines of the region where values reach a level, and the lines that are really contours.
//!
//! The grid is thought to have a ring of nothing around it, so every outline closes. Where an outline only follows the
//! edge of the grid, or of a hole in it, it is no contour.

use crate::scene::Point;

/// A grid of values, row after row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Grid<'v> {
    pub(crate) columns: usize,
    pub(crate) values: &'v [f64],
}

/// A place on the grid, in columns and rows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Place {
    pub(crate) column: f64,
    pub(crate) row: f64,
    /// Whether the values on both sides are finite: a crossing, not an edge.
    pub(crate) crossing: bool,
}

/// Outlines of the region where the value is at least `level`; the region lies on one side of all of them.
pub(crate) fn outlines(grid: Grid<'_>, level: f64) -> Vec<Vec<Place>> {
    let tracer = Tracer { grid, level, rows: grid.values.len() / grid.columns };
    let mut next = tracer.segments();
    let mut loops = Vec::new();
    for start in 0..next.len() {
        let mut places = Vec::new();
        let mut edge = start;
        while let Some(to) = next[edge].take() {
            places.push(tracer.place(edge));
            edge = to;
        }
        if places.len() > 1 {
            loops.push(places);
        }
    }
    loops
}

/// The contours among outlines: open where they meet an edge.
pub(crate) fn contours(outlines: &[Vec<Place>]) -> Vec<Vec<Place>> {
    let mut lines = Vec::new();
    for outline in outlines {
        let Some(edge) = outline.iter().position(|place| !place.crossing) else {
            let mut line = outline.clone();
            line.extend(outline.first());
            lines.push(line);
            continue;
        };
        // From an edge on, each run of crossings is a contour.
        let mut line = Vec::new();
        for k in 0..=outline.len() {
            let place = outline[(edge + k) % outline.len()];
            if place.crossing {
                line.push(place);
            } else if line.len() > 1 {
                lines.push(std::mem::take(&mut line));
            } else {
                line.clear();
            }
        }
    }
    lines
}

/// Points without those that lie on the line between their neighbours.
pub(crate) fn straightened(points: impl Iterator<Item = Point>) -> Vec<Point> {
    let mut kept: Vec<Point> = Vec::new();
    for point in points {
        if let [.., before, last] = kept[..] {
            let (ax, ay) = (last.x - before.x, last.y - before.y);
            let (bx, by) = (point.x - before.x, point.y - before.y);
            let length = (bx * bx + by * by).sqrt();
            let forward = ax * (point.x - last.x) + ay * (point.y - last.y) >= 0.0;
            if forward && (ax * by - ay * bx).abs() < 0.02 * length {
                kept.pop();
            }
        }
        kept.push(point);
    }
    kept
}

struct Tracer<'v> {
    grid: Grid<'v>,
    level: f64,
    rows: usize,
}

impl Tracer<'_> {
    /// The value at a place of the grid with its ring, where (1, 1) is the grid's first.
    fn value(&self, column: usize, row: usize) -> Option<f64> {
        let (column, row) = (column.checked_sub(1)?, row.checked_sub(1)?);
        if column >= self.grid.columns || row >= self.rows {
            return None;
        }
        Some(self.grid.values[row * self.grid.columns + column]).filter(|value| value.is_finite())
    }

    fn inside(&self, column: usize, row: usize) -> bool {
        self.value(column, row).is_some_and(|value| value >= self.level)
    }

    /// The number of the edge that leaves a place rightwards (0) or upwards (1).
    fn edge(&self, column: usize, row: usize, up: usize) -> usize {
        (row * (self.grid.columns + 2) + column) * 2 + up
    }

    /// For each edge, the one at which the outline leaves the cell that it enters there.
    fn segments(&self) -> Vec<Option<usize>> {
        let (width, height) = (self.grid.columns + 2, self.rows + 2);
        let mut next = vec![None; width * height * 2];
        for row in 0..height - 1 {
            for column in 0..width - 1 {
                // Around the cell, against the clock.
                let corners =
                    [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)];
                let edges = [
                    self.edge(column, row, 0),
                    self.edge(column + 1, row, 1),
                    self.edge(column, row + 1, 0),
                    self.edge(column, row, 1),
                ];
                let inside = corners.map(|(column, row)| self.inside(column, row));
                let joined = self.joins(corners);
                for (k, &edge) in edges.iter().enumerate() {
                    if inside[k] && !inside[(k + 1) % 4] {
                        // The way out of the region; the way in is the next one, or the last one at a saddle.
                        let mut turns: Vec<usize> = vec![1, 2, 3];
                        if !joined {
                            turns.reverse();
                        }
                        let way_in = turns.into_iter().map(|turn| (k + turn) % 4);
                        let way_in =
                            way_in.into_iter().find(|&j| !inside[j] && inside[(j + 1) % 4]);
                        next[edge] = way_in.map(|j| edges[j]);
                    }
                }
            }
        }
        next
    }

    /// Whether the inner corners of a saddle belong together.
    fn joins(&self, corners: [(usize, usize); 4]) -> bool {
        let sum: Option<f64> =
            corners.iter().map(|&(column, row)| self.value(column, row).map(|x| x / 4.0)).sum();
        sum.is_some_and(|mean| mean >= self.level)
    }

    /// Where an outline crosses an edge.
    fn place(&self, edge: usize) -> Place {
        let (up, cell) = (edge % 2, edge / 2);
        let (column, row) = (cell % (self.grid.columns + 2), cell / (self.grid.columns + 2));
        let (far_column, far_row) = if up == 0 { (column + 1, row) } else { (column, row + 1) };
        let (near, far) = (self.value(column, row), self.value(far_column, far_row));
        let (part, crossing) = match (near, far) {
            (Some(near), Some(far)) => (((self.level - near) / (far - near)).clamp(0.0, 1.0), true),
            (Some(_), None) => (0.0, false),
            _ => (1.0, false),
        };
        let along =
            |near: usize, far: usize| (near as f64 - 1.0) + part * (far as f64 - near as f64);
        Place { column: along(column, far_column), row: along(row, far_row), crossing }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Twice the area, positive against the clock.
    fn area(outline: &[Place]) -> f64 {
        let pairs = outline.iter().zip(outline.iter().cycle().skip(1));
        pairs.map(|(a, b)| a.column * b.row - b.column * a.row).sum::<f64>() / 2.0
    }

    #[test]
    fn a_slope_is_halved() {
        let values: Vec<f64> = (0..9).map(|k| f64::from(k % 3)).collect();
        let grid = Grid { columns: 3, values: &values };
        let found = outlines(grid, 1.5);
        assert_eq!(found.len(), 1);
        assert!((area(&found[0]) - 1.0).abs() < 1e-12);
        let lines = contours(&found);
        assert_eq!(lines.len(), 1);
        assert!(lines[0].iter().all(|place| place.column == 1.5));
    }

    #[test]
    fn hills_and_holes_turn_against_each_other() {
        let mut values = vec![1.0; 25];
        values[12] = 0.0;
        let found = outlines(Grid { columns: 5, values: &values }, 0.5);
        let areas: Vec<f64> = found.iter().map(|outline| area(outline)).collect();
        assert_eq!(areas, [16.0, -0.5]);
        assert_eq!(contours(&found).len(), 1);
        values[12] = f64::NAN;
        let found = outlines(Grid { columns: 5, values: &values }, 0.5);
        assert!(contours(&found).is_empty());
    }

    #[test]
    fn saddles_are_decided_by_their_middle() {
        let values = [1.0, 0.0, 0.0, 1.0];
        assert_eq!(outlines(Grid { columns: 2, values: &values }, 0.6).len(), 2);
        assert_eq!(outlines(Grid { columns: 2, values: &values }, 0.4).len(), 1);
    }
}
