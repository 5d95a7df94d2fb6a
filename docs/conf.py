"""Settings of Sphinx for the user guide.

Build from the top folder: python -m sphinx -b html -q -W docs build/docs
"""

import dataclasses
import enum
import importlib.util
import sys
from pathlib import Path

if importlib.util.find_spec("coreshed") is None:
    sys.path.insert(0, str(Path(__file__).parents[1] / "build" / "release" / "python"))

import coreshed

project = "Coreshed"
author = "the Coreshed authors"
copyright = author  # noqa: A001
version = release = coreshed.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
exclude_patterns = ["__pycache__"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3

html_theme = "furo"
html_title = f"Coreshed {release}"
html_static_path = ["_static"]
html_css_files = ["guide.css"]
html_show_copyright = False
html_show_sphinx = False
html_copy_source = False
html_show_sourcelink = False
html_theme_options = {
    "light_css_variables": {"color-brand-primary": "#7a4b1e", "color-brand-content": "#8a5420"},
    "dark_css_variables": {"color-brand-primary": "#d9a066", "color-brand-content": "#e0ad78"},
}

default_role = "code"
add_module_names = False
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
autodoc_preserve_defaults = True
python_maximum_signature_line_length = 90
python_use_unqualified_type_names = True
napoleon_google_docstring = True
napoleon_numpy_docstring = False


def _with_fields(app, what, name, obj, options, lines):
    """What a value holds, as a list below what it is."""
    if what == "class" and dataclasses.is_dataclass(obj):
        lines += ["", *(f"- **{field.name}**: ``{field.type}``" for field in dataclasses.fields(obj)), ""]
    elif what == "class" and issubclass(obj, enum.Enum):
        lines += ["", *(f"- **{member.name}**: ``{member.value!r}``" for member in obj), ""]


def _without_signature(app, what, name, obj, options, signature, return_annotation):
    """Nobody makes values and errors but the library."""
    return ("", None) if what == "exception" or name.startswith("coreshed.values.") and what == "class" else None


def setup(app):
    app.connect("autodoc-process-docstring", _with_fields, priority=600)
    app.connect("autodoc-process-signature", _without_signature)
