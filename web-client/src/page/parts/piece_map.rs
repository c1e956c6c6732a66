use leptos::prelude::*;

use crate::messages::DownloadView;
use crate::piece_map::{Cell, Grid, svg_path};
use crate::words::words;

/// Which pieces are here, drawn as four paths: cheap to change four times a second.
#[component]
pub(super) fn PieceMap(
    /// What is shown.
    download: Memo<Option<DownloadView>>,
) -> impl IntoView {
    let cells =
        Memo::new(move |_| download.with(|view| view.as_ref().map(|view| view.cells.clone()).unwrap_or_default()));
    let label = Memo::new(move |_| {
        download.with(|view| {
            let figures = view.as_ref().map(|view| view.figures).unwrap_or_default();
            words().download_map(figures.pieces_have, figures.pieces).to_string()
        })
    });
    let grid = Memo::new(move |_| Grid::of(cells.with(Vec::len)));
    let path = move |kind| Memo::new(move |_| cells.with(|cells| svg_path(cells, kind)));
    let (unavailable, partial, have) = (path(Cell::Unavailable), path(Cell::Partial), path(Cell::Have));
    let lines = move || {
        let Grid { columns, rows } = grid.get();
        let down: String = (1..columns).map(|column| format!("M{column} 0v{rows}")).collect();
        let across: String = (1..rows).map(|row| format!("M0 {row}h{columns}")).collect();
        down + &across
    };
    view! {
        <Show when=move || cells.with(|cells| !cells.is_empty())>
            <svg
                class="pieces"
                data-testid="piece-map"
                role="img"
                aria-label=label
                preserveAspectRatio="none"
                viewBox=move || format!("0 0 {} {}", grid.get().columns, grid.get().rows)
                style:aspect-ratio=move || format!("40 / {}", grid.get().rows.max(1))
            >
                <path class="unavailable" d=unavailable/>
                <path class="partial" d=partial/>
                <path class="have" d=have/>
                <path class="lines" d=lines/>
            </svg>
        </Show>
    }
}
