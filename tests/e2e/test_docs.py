"""What the documentation says is true: its paths and links exist, its samples validate, its commands run.

* Every ```yaml block is a configuration or a part of one, and passes `validate`. A part is completed: keys of the top
  level get the missing ones, keys of a query become a query.
* The ```console blocks of a page run in order in one empty directory. A line that begins with `$ ` is a command, the
  lines up to the next one are its output on standard output and standard error; `…` stands for any text, alone on a
  line for any lines. `hyperterse run` goes on in the background, on a free port: what talks to port 8080 is sent there.
* The curl commands of the ```sh blocks of README.md and of the text that scripts/start prints are answered by the sample.
"""

import json
import os
import re
import shlex
import subprocess

import pytest
from harness import BINARY, DEADLINE, ROOT, copy_example, environment, launch, run_program

PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)[^\n]*\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page, language):
    """The text of every fenced block of that language."""
    return [text for found, text in BLOCK.findall(page.read_text(encoding="utf-8")) if found == language]


def of_all_pages(language):
    """(page:number, text) of every block, as parameters of a test."""
    return [
        pytest.param(text, id=f"{page.name}-{number}")
        for page in PAGES
        for number, text in enumerate(blocks(page, language), 1)
    ]


# Paths and links


def test_every_path_of_the_architecture_exists():
    text = (ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8")
    folders = "|".join(path.name for path in ROOT.iterdir() if path.is_dir() and path.name != "build")
    named = set(re.findall(rf"(?<![\w/.])(?:{folders})/[\w./-]*\w", text))
    named |= set(re.findall(rf"`({folders})`", text))
    assert len(named) > 15
    assert sorted(path for path in named if not (ROOT / path).exists()) == []


def test_the_architecture_fits_on_two_pages():
    assert len((ROOT / "docs" / "ARCHITECTURE.md").read_text(encoding="utf-8").splitlines()) <= 120


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_link_leads_somewhere(page):
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if "://" in target:
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path) if path else page
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


# Samples

PARTS = {
    "name": "name: sample\n",
    "adapters": "adapters:\n  db: { connector: sqlite, connection_string: 'sqlite:data.db' }\n",
    "queries": "queries:\n  sample: { use: db, description: A sample, statement: SELECT 1 }\n",
}


def completed(sample):
    """A whole configuration from a part of one."""
    keys = set(re.findall(r"^(\w+):", sample, re.MULTILINE))
    if keys & {"inputs", "statement"}:
        body = "".join(f"    {line}" for line in sample.splitlines(keepends=True))
        sample = f"queries:\n  sample:\n    use: db\n    description: A sample\n{body}"
        keys = {"queries"}
    return sample + "".join(text for key, text in PARTS.items() if key not in keys)


@pytest.mark.parametrize("sample", of_all_pages("yaml"))
def test_every_configuration_validates(directory, sample):
    (directory / "config.terse").write_text(completed(sample), encoding="utf-8")
    ended = run_program("validate", "-f", "config.terse", cwd=directory)
    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("example", sorted((ROOT / "examples").glob("**/*.terse")), ids=lambda path: path.parent.name)
def test_every_example_validates_without_a_warning(example):
    ended = run_program("validate", "-f", example.name, cwd=example.parent)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("sample", of_all_pages("json"))
def test_every_json_sample_is_json(sample):
    decoder = json.JSONDecoder()
    rest = sample.strip()
    while rest:  # a block may show several
        value, end = decoder.raw_decode(rest)
        assert isinstance(value, (dict, list))
        rest = rest[end:].strip()


# Commands


def commands(block):
    """(command, lines of its output) of a console block."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        else:
            found[-1][1].append(line)
    return found


def matches(expected, shown):
    """Whether the lines of the documentation, with … as wild card, are those that were shown."""
    pattern = "\n".join(re.escape(line) for line in expected)
    pattern = re.sub(r"(?<!.)…\n", r"(?:.*\\n)*?", pattern)  # alone on a line
    pattern = re.sub(r"\n…(?!.)", r"(?:\\n.*)*", pattern)
    return re.fullmatch(pattern.replace("…", ".*"), "\n".join(shown)) is not None


@pytest.mark.parametrize(
    ("expected", "shown", "same"),
    [
        (["a", "b"], ["a", "b"], True),
        (["a", "b"], ["a", "c"], False),
        (["a…c"], ["abbc"], True),
        (["a", "…"], ["a"], True),
        (["a", "…"], ["a", "b", "c"], True),
        (["…", "c"], ["a", "b", "c"], True),
        (["a", "…", "c"], ["a", "c"], True),
        (["a", "…", "c"], ["a", "b", "b", "c"], True),
        (["a", "…", "c"], ["a", "b"], False),
        (["(x)*"], ["(x)*"], True),
    ],
)
def test_the_wild_card_of_samples(expected, shown, same):
    assert matches(expected, shown) is same


class Shell:
    """Runs the commands of one page."""

    def __init__(self, directory):
        self.directory = directory
        (directory / "bin").mkdir()
        (directory / "bin" / "hyperterse").symlink_to(BINARY)
        (directory / "work").mkdir()
        self.env = environment({"PATH": f"{directory / 'bin'}:{os.environ['PATH']}"})
        self.server = None
        self.started = []

    def run(self, command):
        """The lines that the command shows."""
        words = shlex.split(command, comments=True)
        if words[:2] == ["hyperterse", "run"]:
            return self.serve(words[1:])
        if self.server:
            command = command.replace("localhost:8080", f"127.0.0.1:{self.server.port}")
        ended = subprocess.run(
            ["bash", "-c", command.replace("curl ", "curl -sS ")],
            cwd=self.directory / "work", env=self.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=DEADLINE,
        )
        return ended.stdout.splitlines()

    def serve(self, words):
        words = [word for word in words if word != "&"]
        manager = launch(self.directory / "work", *words, "--port", "0", log_format="text")
        self.started.append(manager)
        self.server = manager.__enter__().wait_ready()
        return [line.replace(f":{self.server.port}", ":8080") for line in self.server.output]

    def close(self):
        if self.server:
            self.server.stop()
        for manager in self.started:
            manager.__exit__(None, None, None)


@pytest.mark.parametrize("page", [page for page in PAGES if blocks(page, "console")], ids=lambda page: page.name)
def test_every_command_shows_what_the_page_says(directory, page):
    shell = Shell(directory)
    try:
        for block in blocks(page, "console"):
            for command, expected in commands(block):
                shown = shell.run(command)
                assert matches(expected, shown), f"$ {command}\n" + "\n".join(shown)
    finally:
        shell.close()


def curl_commands(text):
    return [line for line in text.replace("\\\n", " ").splitlines() if line.strip().startswith("curl ")]


def test_the_requests_of_the_readme_are_answered_by_the_sample(directory):
    subprocess.run([ROOT / "examples" / "cities" / "load"], check=True, timeout=240)
    lines = [line for block in blocks(ROOT / "README.md", "sh") for line in curl_commands(block)]
    lines += curl_commands((ROOT / "scripts" / "start").read_text(encoding="utf-8").replace("$port", "8080"))
    assert len(lines) >= 3
    project = copy_example("cities", directory)
    with launch(project, "run", "-f", "config.terse", "--host", "127.0.0.1", "--port", "0") as server:
        server.wait_ready()
        for line in lines:
            command = shlex.split(line.replace("localhost:8080", f"127.0.0.1:{server.port}"))
            ended = subprocess.run([*command, "-sS"], capture_output=True, text=True, timeout=DEADLINE, check=True)
            assert ended.stdout.startswith('{"success":true') and '"results":[{' in ended.stdout, line
        server.stop()


def test_every_page_is_named_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    pages = [f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md")]
    assert [page for page in pages if page not in readme] == []
