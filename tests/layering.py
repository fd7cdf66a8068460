"""Read the modules of the house and say where an import breaks its walls (DESIGN section 1).

A module shows its kind at the end of its docstring's first line: "◆" is a shell (all I/O, no decisions),
"▸" a use case (decides, reaches the world through the ports passed to it), neither is a core.
"""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LIBRARIES = ("otp", "radius", "vpn")
PACKAGES = (*LIBRARIES, "access")
NOT_SHIPPED = ("tests", "deploy")

# The only rooms that may pick one shell for another; all others are handed what they use. A command is a
# piece of the command line, a process what the command starts, answering and radius_tls parts of one: all
# of them are where an open App arrives.
WIRING = {
    "access.app",
    "access.cli",
    "access.commands",
    "access.directoryd",
    "access.gateways.enforced",
    "access.gateways.tasks",
    "access.radius.answering",
    "access.radius.loader",
    "access.radius.policy_aside",
    "access.radius.radius_following",
    "access.radius.radius_tls",
    "access.radius.radiusd",
    "access.webd",
}
# Folders of `access` that are one room each, because all in one adapts the same thing; in the others, which
# are named for a domain, every file is a room.
ADAPTERS = {"certificates", "commands", "config", "console", "directory", "policy", "store", "supervision"}
# Values that every process starts from, so any shell may name them.
SETTINGS = {"access.config"}
# Looks up commands by their names in a table; anywhere else an import by name would go around these walls.
BY_NAME = {"access.cli"}
IMPORTERS = {"importlib", "pkgutil", "runpy"}
# Speaks to OpenSSL, which has its own clock and randomness: the one exception that DESIGN allows.
EXCEPTIONS = {"radius.eap.tunnel": {"OpenSSL"}}

# fmt: off
WORLD = {
    "asyncio", "concurrent", "fcntl", "getpass", "glob", "http.client", "http.server", "io.open", "logging",
    "mmap", "multiprocessing", "os", "pathlib", "random", "resource", "sched", "secrets", "select",
    "selectors", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib.request", "uuid.uuid1", "uuid.uuid4",
    "OpenSSL", "alembic", "celery", "click", "flask", "gunicorn", "kombu", "ldap3", "netmiko", "paramiko",
    "prometheus_client", "psycopg", "redis", "requests", "sqlalchemy", "structlog",
}
PURE = {"pathlib.PurePath", "pathlib.PurePosixPath", "ssl.CertificateError"}
# A use case may say what it does; a core returns it.
LOGGING = {"logging", "structlog"}
CORE_RULE = "a core does no I/O, reads no clock, draws no randomness"
# Attributes called on something, as "owner.name", and plain functions.
CALLS = {
    "open", "print", "input", "breakpoint", "exec", "eval", "__import__",
    "datetime.now", "datetime.utcnow", "datetime.today", "date.today",
    "uuid.uuid1", "uuid.uuid4", "pyotp.random_base32", "pyotp.random_hex", "argon2.PasswordHasher",
}
# fmt: on
# Faces ask use cases; SQL lives in access.store and LDAP in access.directory (rule 3).
HOME_OF = {"sqlalchemy": "access.store", "ldap3": "access.directory"}


class Kind(Enum):
    CORE = "core"
    USE_CASE = "use case"
    SHELL = "shell"


MARKS = {"◆": Kind.SHELL, "▸": Kind.USE_CASE}
REFUSED = {Kind.CORE: {Kind.SHELL, Kind.USE_CASE}, Kind.USE_CASE: {Kind.SHELL}, Kind.SHELL: set[Kind]()}


@dataclass(frozen=True)
class Module:
    """One source file under its dotted name; a package's __init__ has the package's name."""

    name: str
    tree: ast.Module

    @property
    def kind(self) -> Kind:
        first_line = (ast.get_docstring(self.tree) or "").partition("\n")[0].rstrip()
        return MARKS.get(first_line[-1:], Kind.CORE)

    @property
    def package(self) -> str:
        return self.name.partition(".")[0]

    @property
    def room(self) -> str:
        """What may choose within itself: access.console for all of access/console/, else the file alone."""
        parts = self.name.split(".")
        one = self.package == "access" and len(parts) > 1 and parts[1] not in ADAPTERS
        return self.name if one else ".".join(parts[:2])


House = Mapping[str, Module]


def read_house(root: Path = ROOT) -> dict[str, Module]:
    """Every module of the four packages, by name."""
    paths = [path for package in PACKAGES for path in sorted((root / package).rglob("*.py"))]
    return build_house({dotted(path.relative_to(root)): path.read_text("utf-8") for path in paths})


def dotted(path: Path) -> str:
    return ".".join(path.with_suffix("").parts).removesuffix(".__init__")


def build_house(sources: Mapping[str, str]) -> dict[str, Module]:
    return {name: Module(name, ast.parse(text, name)) for name, text in sources.items()}


# What is not everywhere to be had, and makes us quicker or unwraps an HSM's keys: the imports that may fail.
TRIED = (["import orjson"], ["import _md5"], ["import pkcs11"])


def check(house: House) -> list[str]:
    """Every breach as one line, "module:line what is wrong"; empty when the house is sound."""
    breaches = [
        f"{module.name}:{line} {what}"
        for module in house.values()
        for rule in RULES
        for line, what in rule(module, house)
    ]
    return breaches + find_cycles(house)


Breaches = Iterator[tuple[int, str]]


def imports_stand_at_the_top(module: Module, _house: House) -> Breaches:
    allowed = {id(node) for node in top_level(module.tree)}
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import | ast.ImportFrom) and id(node) not in allowed:
            yield node.lineno, "imports inside a block: imports stand at the top"


def imports_are_absolute(module: Module, _house: House) -> Breaches:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom) and node.level:
            yield node.lineno, "imports relatively: imports are absolute"


def imports_are_written_out(module: Module, house: House) -> Breaches:
    if module.name in BY_NAME:
        return
    for line, target in imported(module, house):
        if reaches(target, IMPORTERS):
            yield line, f"imports {target}: what is imported by its name is seen by no rule"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and called(node.func) == "__import__":
            yield node.lineno, "calls __import__(): what is imported by its name is seen by no rule"


def libraries_stand_alone(module: Module, house: House) -> Breaches:
    for line, target in imported(module, house):
        package = target.partition(".")[0]
        if package in NOT_SHIPPED:
            yield line, f"imports {target}, which is not shipped"
        elif module.package in LIBRARIES and package in PACKAGES and package != module.package:
            yield line, f"imports {target}: a library imports nothing of ours but itself"


def kinds_keep_apart(module: Module, house: House) -> Breaches:
    refused = {Kind.CORE: {Kind.SHELL, Kind.USE_CASE}, Kind.USE_CASE: {Kind.SHELL}, Kind.SHELL: set()}[
        module.kind
    ]
    for line, target in imported(module, house):
        for part in lineage(target, house):
            # Its own packages run before the module whatever it imports; only to name them is a breach.
            above = module.name.startswith(part.name + ".") and part.name != target
            if part.kind in refused and not above:
                yield line, f"imports the {part.kind.value} {part.name}: a {module.kind.value} may not"


def cores_do_not_touch_the_world(module: Module, house: House) -> Breaches:
    if module.kind is not Kind.CORE:
        return
    forbidden = WORLD - EXCEPTIONS.get(module.name, set())
    for line, target in imported(module, house):
        if reaches(target, forbidden):
            yield line, f"imports {target}: {CORE_RULE}"
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and called(node.func) in CALLS:
            yield (
                node.lineno,
                f"calls {called(node.func)}(): {CORE_RULE}",
            )


def use_cases_reach_out_through_ports(module: Module, house: House) -> Breaches:
    if module.kind is not Kind.USE_CASE:
        return
    for line, target in imported(module, house):
        if reaches(target, WORLD - LOGGING):
            yield line, f"imports {target}: a use case reaches the world only through ports"


def shells_are_chosen_by_the_wiring(module: Module, house: House) -> Breaches:
    if module.kind is not Kind.SHELL or module.package != "access" or module.room in WIRING:
        return
    for line, target in imported(module, house):
        shells = [
            part for part in lineage(target, house) if part.kind is Kind.SHELL and part.package == "access"
        ]
        for part in shells:
            if part.room != module.room and part.name not in SETTINGS:
                yield (
                    line,
                    f"imports the shell {part.name}: only {', '.join(sorted(WIRING))} choose implementations",
                )


def sql_and_ldap_stay_at_home(module: Module, house: House) -> Breaches:
    for line, target in imported(module, house):
        home = HOME_OF.get(target.partition(".")[0])
        if home and module.room != home:
            yield line, f"imports {target}: that is spoken in {home} alone"


RULES = (
    imports_stand_at_the_top,
    imports_are_absolute,
    imports_are_written_out,
    libraries_stand_alone,
    kinds_keep_apart,
    cores_do_not_touch_the_world,
    use_cases_reach_out_through_ports,
    shells_are_chosen_by_the_wiring,
    sql_and_ldap_stay_at_home,
)


def find_cycles(house: House) -> list[str]:
    """The first cycle of imports, as one line, or nothing."""
    graph = {
        name: {target for _, target in imported(module, house) if target in house and target != name}
        for name, module in house.items()
    }
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["imports go round: " + " -> ".join(reversed(error.args[1]))]
    return []


def imported(module: Module, house: House) -> Iterator[tuple[int, str]]:
    """(line, dotted name) of everything imported anywhere in the module.

    `from a.b import c` is a.b.c when that is a module of the house or a name of somebody else's, else a.b.
    """
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield node.lineno, alias.name
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            ours = node.module.partition(".")[0] in PACKAGES
            for alias in node.names:
                full = f"{node.module}.{alias.name}"
                yield node.lineno, node.module if ours and full not in house else full


def lineage(target: str, house: House) -> Iterator[Module]:
    """The module and the packages above it, all of which an import runs."""
    parts = target.split(".")
    for length in range(1, len(parts) + 1):
        name = ".".join(parts[:length])
        if name in house:
            yield house[name]


def reaches(target: str, worlds: set[str]) -> bool:
    return target not in PURE and any(target == world or target.startswith(world + ".") for world in worlds)


def called(function: ast.expr) -> str:
    """The call as "name" or "owner.name"; "" for anything longer to spell."""
    match function:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=ast.Name(id=owner), attr=name):
            return f"{owner}.{name}"
        case ast.Attribute(value=ast.Attribute(attr=owner), attr=name):
            return f"{owner}.{name}"
    return ""


def top_level(tree: ast.Module) -> Iterator[ast.stmt]:
    """The statements of the module itself, of its `if TYPE_CHECKING`, and an optional package it tries."""
    for statement in tree.body:
        yield statement
        if isinstance(statement, ast.Try) and [ast.unparse(each) for each in statement.body] in TRIED:
            yield from statement.body
        if isinstance(statement, ast.If) and ast.unparse(statement.test).endswith("TYPE_CHECKING"):
            yield from statement.body
