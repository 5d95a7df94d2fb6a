"""Every example in a docstring runs and says what it is said to say, each on a store of its own with one record in it."""

import doctest
import importlib
import inspect
import pkgutil

import coreshed
import pytest

MODULES = [importlib.import_module(f"coreshed.{module.name}") for module in pkgutil.iter_modules(coreshed.__path__) if module.name != "_core"]
EXAMPLES = [
    example
    for module in (coreshed, *MODULES)
    for example in doctest.DocTestFinder(exclude_empty=True).find(module)
    if example.examples
]  # fmt: skip


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.name)
def test_example(example, store, record):
    example.globs["store"] = store
    said = []
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    assert runner.run(example, out=said.append).failed == 0, "".join(said)


def public():
    for name in coreshed.__all__:
        thing = getattr(coreshed, name)
        if not name.startswith("_"):
            yield name, thing
        if inspect.isclass(thing):
            for part, value in vars(thing).items():
                if not part.startswith("_") and (inspect.isfunction(value) or isinstance(value, property)):
                    yield f"{name}.{part}", value


@pytest.mark.parametrize(("name", "thing"), list(public()))
def test_everything_public_is_told(name, thing):
    assert inspect.getdoc(thing), name


def test_what_a_store_can_do_has_an_example():
    told = {example.name.rpartition(".")[2] for example in EXAMPLES}
    calls = {name for name, call in inspect.getmembers(coreshed.Store, inspect.isfunction) if not name.startswith("_")}
    assert calls - told == set()
