//! The piece map: a torrent's pieces, or bands of them, as a grid of at most [`CELLS_MAX`] cells.

use serde::{Deserialize, Serialize};

/// Cells of a piece map: more cannot be told apart on a phone, and each snapshot carries them.
pub const CELLS_MAX: usize = 400;
/// Cells in a row.
pub const COLUMNS: usize = 40;

/// What a cell shows: the sum of its pieces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Cell {
    /// Nobody who is linked has one of its missing pieces.
    Unavailable,
    /// Nothing of it is here.
    Missing,
    /// Something of it is here or on its way.
    Partial,
    /// All of it is verified.
    Have,
}

/// Groups pieces into cells of as equal a number as can be. Every piece is in exactly one cell.
pub fn cells(pieces: &[Cell]) -> Vec<Cell> {
    let count = pieces.len().min(CELLS_MAX);
    (0..count).map(|cell| &pieces[cell * pieces.len() / count..(cell + 1) * pieces.len() / count]).map(sum).collect()
}

fn sum(band: &[Cell]) -> Cell {
    let all = |cell| band.iter().all(|piece| *piece == cell);
    if all(Cell::Have) {
        Cell::Have
    } else if band.contains(&Cell::Unavailable) && !band.contains(&Cell::Partial) {
        Cell::Unavailable
    } else if all(Cell::Missing) {
        Cell::Missing
    } else {
        Cell::Partial
    }
}

/// How the grid is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Grid {
    /// Cells in a row.
    pub columns: usize,
    pub rows: usize,
}

impl Grid {
    /// For so many cells; few cells share one row.
    pub fn of(cells: usize) -> Self {
        let columns = cells.clamp(1, COLUMNS);
        Self { columns, rows: cells.div_ceil(columns).max(1) }
    }
}

/// An SVG path over all cells of one kind, in units of one cell: neighbours in a row are one rectangle.
pub fn svg_path(cells: &[Cell], kind: Cell) -> String {
    use std::fmt::Write;
    let columns = Grid::of(cells.len()).columns;
    let mut path = String::new();
    for (row, line) in cells.chunks(columns).enumerate() {
        let mut column = 0;
        while column < line.len() {
            let run = line[column..].iter().take_while(|cell| **cell == kind).count();
            if run > 0 {
                let _ = write!(path, "M{column} {row}h{run}v1h-{run}z");
            }
            column += run.max(1);
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_cell_is_done_only_when_all_of_its_pieces_are() {
        use Cell::*;
        assert_eq!(sum(&[Have, Have]), Have);
        assert_eq!(sum(&[Have, Missing]), Partial);
        assert_eq!(sum(&[Missing, Missing]), Missing);
        assert_eq!(sum(&[Missing, Unavailable]), Unavailable);
        assert_eq!(sum(&[Partial, Unavailable]), Partial);
    }

    #[test]
    fn neighbours_are_drawn_as_one_rectangle() {
        use Cell::*;
        assert_eq!(svg_path(&[Have, Have, Missing, Have], Have), "M0 0h2v1h-2zM3 0h1v1h-1z");
        assert_eq!(svg_path(&[], Have), "");
    }

    #[test]
    fn few_pieces_fill_one_row() {
        assert_eq!(Grid::of(3), Grid { columns: 3, rows: 1 });
        assert_eq!(Grid::of(400), Grid { columns: 40, rows: 10 });
        assert_eq!(Grid::of(0), Grid { columns: 1, rows: 1 });
    }

    proptest! {
        #[test]
        fn any_number_of_pieces_gives_at_most_400_cells_and_one_for_few(count in 0usize..5000) {
            let cells = cells(&vec![Cell::Have; count]);
            prop_assert_eq!(cells.len(), count.min(CELLS_MAX));
            prop_assert!(cells.iter().all(|cell| *cell == Cell::Have));
        }

        #[test]
        fn one_missing_piece_always_shows(count in 1usize..5000, at in any::<prop::sample::Index>()) {
            let mut pieces = vec![Cell::Have; count];
            pieces[at.index(count)] = Cell::Missing;
            prop_assert!(cells(&pieces).iter().any(|cell| *cell != Cell::Have));
        }
    }
}
