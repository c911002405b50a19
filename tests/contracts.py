"""A kind of import contract: modules that may import nothing but what is listed.

import-linter's own contracts list what is forbidden, so a new dependency is allowed until it is
listed. This one lists what is allowed:

    type = "allowed_imports"
    source_modules = ["runs_app.runner"]        # with everything below them
    allowed = ["stdlib", "runs_app.runner"]     # `stdlib`: the standard library
"""

from __future__ import annotations

import sys
from typing import Any, ClassVar

from grimp import ImportGraph
from importlinter import Contract, ContractCheck, fields, output


class AllowedImportsContract(Contract):
    """Direct imports of the source modules lead to themselves or to what is allowed."""

    type_name: ClassVar[str] = "allowed_imports"

    source_modules = fields.ListField(subfield=fields.StringField())
    allowed = fields.ListField(subfield=fields.StringField())
    # Modules below the source modules to which the contract does not apply.
    but = fields.ListField(subfield=fields.StringField(), required=False)

    def check(self, graph: ImportGraph, verbose: bool) -> ContractCheck:
        """Return every import that leads elsewhere."""
        found = [
            (module, target)
            for module in sorted(self._sources(graph))
            for target in sorted(graph.find_modules_directly_imported_by(module))
            if not self._is_allowed(target)
        ]
        return ContractCheck(kept=not found, metadata={"found": found})

    def render_broken_contract(self, check: ContractCheck) -> None:
        """Name each import, and what would be allowed."""
        for module, target in check.metadata["found"]:
            output.print_error(f"{module} is not allowed to import {target}.")
        allowed: Any = self.allowed
        output.print_error(f"Allowed are: {', '.join(allowed)}.")

    def _sources(self, graph: ImportGraph) -> set[str]:
        sources: Any = self.source_modules
        exempt: Any = self.but or ()
        return {
            module
            for module in graph.modules
            if not graph.is_module_squashed(module)
            if any(_is_in(module, source) for source in sources)
            if not any(_is_in(module, item) for item in exempt)
        }

    def _is_allowed(self, target: str) -> bool:
        allowed: Any = self.allowed
        is_standard = "stdlib" in allowed and target.partition(".")[0] in sys.stdlib_module_names
        return is_standard or any(_is_in(target, item) for item in allowed)


def _is_in(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
