"""What every import does: send piece by piece, and count."""

from dataclasses import dataclass, field

from taskscope.cli.imports.state import Journal
from taskscope.cli.imports.tally import Tally
from taskscope.cli.progress_bar import Show
from taskscope.client.imports import Imports
from taskscope.errors import UsageError
from taskscope.model.imported import ImportReceipt
from taskscope.sources.imports.piece import Piece


@dataclass
class Run:
    """One import."""

    imports: Imports
    journal: Journal
    show: Show
    tally: Tally = field(default_factory=Tally)

    def send(self, piece: Piece) -> ImportReceipt:
        """Have a piece stored; one that the server cannot read costs only itself."""
        try:
            receipt = self.imports.send(piece.signal, piece.body)
        except UsageError as error:
            receipt = ImportReceipt(0, 0, piece.items, (error.message,))
        self.tally.add(piece.signal, receipt)
        return receipt

    def told(self, fraction: float) -> None:
        """Show how far it is."""
        self.show(fraction, f"{sum(self.tally.stored.values()):,} new, {self.tally.known:,} known")
