"""Sphinx's configuration: `nox -s docs` builds with warnings as errors, references checked."""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, ParamSpec, TypeVar

import typing_extensions

if TYPE_CHECKING:
    from docutils.nodes import Element
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_project = tomllib.loads(
    (Path(__file__).parent.parent / "pyproject.toml").read_text(encoding="utf-8")
)["project"]

project = _project["name"]
author = _project["authors"][0]["name"]
copyright = author
release = version = _project["version"]

extensions = ["myst_parser", "sphinx.ext.autodoc"]
exclude_patterns = ["examples/**"]

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
autodoc_typehints_format = "short"
autodoc_default_options = {"members": True, "show-inheritance": True}
python_use_unqualified_type_names = True
python_display_short_literal_types = True

# References into this package are checked; those to the standard library and to other
# packages would need their inventories from the network.
nitpick_ignore_regex = [("py:.*", r"(?!airssys_rt\.).*")]

html_theme = "furo"
html_title = f"airssys-rt {version}"
html_copy_source = False
html_show_sphinx = False

VARIABLES = (TypeVar, ParamSpec, typing_extensions.TypeVar, typing_extensions.ParamSpec)


def resolve_by_last_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, contnode: Element
) -> Element | None:
    """Link ``airssys_rt.kernel.ref.ActorRef`` to where ``ActorRef`` is documented.

    That is the facade, for most names. A type variable is documented nowhere and stays text.
    """
    target = str(node.get("reftarget", ""))
    if node.get("refdomain") != "py" or not target.startswith("airssys_rt."):
        return None
    module, _, name = target.rpartition(".")
    if isinstance(getattr(sys.modules.get(module), name, None), VARIABLES):
        return contnode
    domain = env.domains.python_domain
    ending = re.compile(rf"airssys_rt(\.\w+)*\.{re.escape(name)}$")
    documented = [known for known in domain.objects if ending.match(known)]
    if len(documented) != 1:
        return None
    docname = str(node["refdoc"])
    return domain.resolve_xref(
        env, docname, app.builder, str(node["reftype"]), documented[0], node, contnode
    )


def setup(app: Sphinx) -> None:
    """Connect the hook above."""
    app.connect("missing-reference", resolve_by_last_name)
