"""Scans as files: exact round trips whatever a scan holds, clear words for damaged folders, merging."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

import headatlas
from headatlas.cli.main import main
from headatlas.errors import HeadatlasError, OutputError
from headatlas.files.whole import put_in_place, write_whole
from headatlas.heads import parse_head
from headatlas.share import files, own_files
from headatlas.share.layout import layout_of
from headatlas.share.record import ScanRecord, read_record
from headatlas.share.writing import write_record
from headatlas.store.scans import Store
from headatlas.views.single_page import write_page
from tests import fake_database
from tests.fuzzing import examples


def invoke(*arguments):
    return CliRunner().invoke(main, [*map(str, arguments)], env={"COLUMNS": "160"})


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> Path:
    """Two scans with something in every table that scans fill; only copied."""
    path = fake_database.make(
        tmp_path_factory.mktemp("made") / "heads.db",
        models=("some/Model", "other"), attention=("self", "cross"), unscored=(1,),
    )  # fmt: skip
    with sqlite3.connect(path) as connection:
        connection.execute(
            """insert into overlaps
               select scans.id, 1, a.id, nullif(b.id, 3), 1.0 / (1 + a.id + b.id), 'self', null, null
               from scans, patterns a, patterns b where a.kind = 'target'"""
        )
        connection.execute(
            "insert into distances select heads.id, probes.id, -1, '[0.12345, 0.5, 0]' from heads, probes"
        )
        connection.execute("insert into far_lags select heads.id, probes.id, 100, 0.25, 640 from heads, probes")
    connection.close()
    return path


@pytest.fixture
def db(made, tmp_path) -> Path:
    return Path(shutil.copy(made, tmp_path))


@pytest.fixture(scope="module")
def exported(made) -> Path:
    """One of the two as plain files; only copied."""
    assert invoke("export", "other", "--db", made, "--out", made.parent / "catalog").exit_code == 0
    return made.parent / "catalog" / "other"


@pytest.mark.slow
def test_export_import_export_gives_the_same_bytes(db, tmp_path):
    assert invoke("export", "--db", db, "--out", tmp_path / "one").exit_code == 0
    done = invoke("import", tmp_path / "one", "--db", tmp_path / "again.db")
    assert done.exit_code == 0, done.stderr
    invoke("export", "--db", tmp_path / "again.db", "--out", tmp_path / "two")
    first = contents(tmp_path / "one")
    assert first == contents(tmp_path / "two")
    assert {Path(name).parts[0] for name in first} == {"some-model", "other"}
    assert {Path(name).name for name in first} == {
        "scan.json", "definitions.json", "scores.csv", "labels.csv", "heatmaps.csv", "overlaps.csv", "distances.csv",
        "far_lags.csv", "head_map.csv", "evidence.csv", "compositions.csv", "edges.csv", "README.md",
        ".headatlas-export",
    }  # fmt: skip


@pytest.mark.slow
def test_imported_scan_is_the_same_but_for_rounding(db, tmp_path):
    invoke("export", "--db", db, "--out", tmp_path / "one")
    invoke("import", tmp_path / "one", "--db", tmp_path / "again.db")
    with headatlas.open(db) as before, headatlas.open(tmp_path / "again.db") as after:
        for model in ("some/Model", "other"):
            exported, imported = read_record(before, model), read_record(after, model)
            assert exported.scan == imported.scan
            assert exported.heads == imported.heads
            assert exported.definitions == imported.definitions
            assert exported.tables.keys() == imported.tables.keys()
            for table in exported.tables.keys() - {
                "scores",
                "distances",
                "overlaps",
                "head_map",
                "evidence",
                "compositions",
            }:
                assert exported.tables[table] == imported.tables[table]
            for table in ("labels", "kinds", "head_map", "heatmaps", "examples"):
                assert exported.tables[table], table
            assert len(exported.tables["scores"]) == len(imported.tables["scores"]) > 100
            for left, right in zip(exported.tables["scores"], imported.tables["scores"], strict=True):
                assert left.keys() == right.keys()
                for name, value in left.items():
                    if isinstance(value, float) and name not in ("p_value", "q_value"):
                        assert right[name] == pytest.approx(value, abs=5.1e-5)
                    elif not isinstance(value, float):
                        assert right[name] == value
    assert sqlite3.connect(tmp_path / "again.db").execute("pragma foreign_key_check").fetchall() == []


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
NAMES = TEXTS.filter(bool)
SCAN_NAMES = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12).filter(str.strip)
NUMBERS = st.one_of(st.none(), st.floats(0, 1), st.floats(0, 1e6), st.floats(0, 1e-9))
SHARES = st.one_of(st.floats(0, 1), st.floats(0, 1e-9))
COUNTS = st.one_of(st.none(), st.integers(0, 2**53))
KINDS = st.sampled_from(["self", "encoder", "decoder", "cross", "vision"])


@st.composite
def scans(draw):
    """Records with awkward texts and numbers everywhere a scan may hold some."""
    heads = draw(st.lists(st.tuples(st.sampled_from("LXEDV"), st.integers(0, 3), st.integers(0, 5)), min_size=1,
                          max_size=6, unique=True))  # fmt: skip
    # In a database a layer's heads stand together.
    heads = [f"{kind}{layer}H{head}" for kind, layer, head in sorted(heads)]
    probes = draw(st.lists(TEXTS.filter(bool), min_size=1, max_size=3, unique=True))
    patterns = draw(st.lists(TEXTS.filter(bool), min_size=1, max_size=3, unique=True))
    definitions = {
        "patterns": [
            {"name": name, "version": 1, "kind": draw(st.sampled_from(["target", "statistic", "rival"])),
             "probe": draw(st.sampled_from(probes)),
             "description": draw(TEXTS)} for name in sorted(patterns)
        ],
        "probes": [{"name": name, "version": 2, "summary": draw(TEXTS)} for name in sorted(probes)],
    }  # fmt: skip
    keys = draw(st.lists(st.tuples(st.sampled_from(heads), st.sampled_from(patterns), st.sampled_from(probes)),
                         min_size=1, unique=True, max_size=8))  # fmt: skip
    scores = [
        {"head": head, "pattern": pattern, "probe": probe, "score": draw(NUMBERS), "score_nosink": draw(NUMBERS),
         "chance": draw(SHARES), "p_value": draw(SHARES), "rival": draw(st.one_of(st.none(), TEXTS)),
         "n_queries": draw(COUNTS)}
        for head, pattern, probe in keys
    ]  # fmt: skip
    labelled = draw(st.lists(st.tuples(st.sampled_from(heads), NAMES), unique=True, max_size=4))
    labels = [{"head": head, "label": text, "confidence": draw(SHARES), "rank": draw(st.integers(1, 9))}
              for head, text in labelled]  # fmt: skip
    tokens = draw(st.lists(TEXTS, min_size=1, max_size=3))
    weights = st.binary(min_size=len(tokens) ** 2, max_size=len(tokens) ** 2).map(zlib.compress)
    maps = [{"head": head, "example": f"{probes[0]}:0", "weights": draw(weights)}
            for head in draw(st.lists(st.sampled_from(heads), unique=True, max_size=3))]  # fmt: skip
    scan = {"model": draw(SCAN_NAMES), "plan": draw(TEXTS), "command": draw(TEXTS), "seconds": draw(NUMBERS),
            "n_parameters": draw(COUNTS), "finished": draw(TEXTS),
            "versions": json.dumps(draw(st.dictionaries(TEXTS, TEXTS, max_size=2)))}  # fmt: skip
    kinds = draw(st.lists(NAMES, max_size=3))
    mark = st.tuples(TEXTS, TEXTS, st.floats(0, 1), st.floats(0, 1))
    layers = {parse_head(head)[:2] for head in heads}
    tables = {
        "layers": [{"attention": kind, "layer": layer, "n_heads": 6, "scored": 1} for kind, layer in sorted(layers)],
        "examples": [{"probe": probes[0], "sequence": 0, "tokens": json.dumps(tokens)}],
        "warnings": [{"warning": text} for text in draw(st.lists(TEXTS, unique=True, max_size=3))],
        "scan_probes": [{"probe": name, "n_sequences": 1, "n_tokens": draw(st.integers(0, 99)), "note": draw(TEXTS)}
                        for name in probes],
        "kinds": [{"name": name, "n_heads": 1, "share": draw(SHARES),
                   "marks": json.dumps(draw(st.lists(mark, max_size=2)))} for name in kinds],
        "head_map": [
            {"head": head, "kind": draw(st.sampled_from([None, *(str(number + 1) for number in range(len(kinds)))])),
             "x": draw(SHARES), "y": draw(SHARES)} for head in heads
        ],
        "overlaps": [
            {"probe": draw(st.sampled_from(probes)), "pattern": name, "other": draw(st.sampled_from([None, *patterns])),
             "score": draw(st.floats(0, 1)), "attention": draw(KINDS)}
            for name in patterns
        ],
        "distances": [{"head": head, "probe": draw(st.sampled_from(probes)), "first": draw(st.integers(-9, 0)),
                       "attention": json.dumps(draw(st.lists(st.floats(0, 1), max_size=4)))} for head in heads],
        "scores": scores, "labels": labels, "heatmaps": maps,
    }  # fmt: skip
    return ScanRecord(scan, heads, definitions, tables)


@pytest.fixture(scope="module")
def empty(tmp_path_factory) -> Path:
    """A database without a scan: copying it is quicker than making it, and waits for no disk."""
    path = tmp_path_factory.mktemp("empty") / "empty.db"
    Store(path).close()
    return path


@pytest.mark.slow
@examples(20)
@given(scans())
def test_round_trip_of_any_scan(empty, record):
    with tempfile.TemporaryDirectory() as folder_name:
        folder = Path(folder_name)
        for name in ("one.db", "two.db"):
            shutil.copy(empty, folder / name)
        with Store(folder / "one.db") as store:
            assert write_record(store, record)
        with headatlas.open(folder / "one.db") as catalog:
            (first,) = files.export(catalog, folder / "one")
        with Store(folder / "two.db") as store:
            assert files.import_folder(store, first) == (record.model, True)
            assert files.import_folder(store, first) == (record.model, False)
        with headatlas.open(folder / "two.db") as catalog:
            (second,) = files.export(catalog, folder / "two")
        assert contents(first) == contents(second)


@pytest.mark.slow
def test_own_probes_only(db, tmp_path):
    invoke("export", "other", "--db", db, "--out", tmp_path / "all")
    invoke("export", "other", "--db", db, "--out", tmp_path / "own", "--own-probes", "--no-heatmaps")
    every, own = ((tmp_path / name / "other" / "scores.csv").read_text().splitlines() for name in ("all", "own"))
    assert len(own) - 1 == (len(every) - 1) / 2, "made-up patterns are measured on two probes"
    assert set(own) <= set(every)
    assert not (tmp_path / "own" / "other" / "heatmaps.csv").exists()
    # Over a fuller export the files that are not written any more go.
    invoke("export", "other", "--db", db, "--out", tmp_path / "all", "--own-probes", "--no-heatmaps")
    assert contents(tmp_path / "all") == contents(tmp_path / "own")


@pytest.mark.slow
def test_labels_are_not_made_again_from_scores_on_own_probes_alone(tmp_path):
    copy = tmp_path / "copy.db"
    invoke("import", "catalog/all-minilm-l6-v2", "--db", copy)
    with headatlas.open(copy) as catalog:
        before = catalog.labels("all-minilm-l6-v2").to_csv()
    assert len(before.splitlines()) > 1
    refused = CliRunner().invoke(main, ["label", "all-minilm-l6-v2", "--recompute", "--db", str(copy)])
    assert refused.exit_code == 1
    assert "on their own probes alone" in refused.output
    invoke("label", "--recompute", "--db", copy)  # whatever can be labelled
    with headatlas.open(copy) as catalog:
        assert catalog.labels("all-minilm-l6-v2").to_csv() == before


@pytest.mark.slow
def test_site_from_exported_scans_needs_no_torch(db, tmp_path):
    invoke("export", "--db", db, "--out", tmp_path / "catalog")
    code = (
        "import sys; from headatlas.cli.main import main\n"
        "try: main(sys.argv[1:])\n"
        "except SystemExit as stop: assert not stop.code, stop\n"
        "heavy = {'torch', 'transformers', 'transformer_lens'} & set(sys.modules); assert not heavy, heavy"
    )
    arguments = ["atlas", "--catalog", tmp_path / "catalog", "--out", tmp_path / "site"]
    done = subprocess.run([sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    head = (tmp_path / "site" / "some-model" / "heads" / "L0H0.html").read_text()
    assert "data:image/webp" in head
    invoke("import", tmp_path / "catalog", "--db", tmp_path / "again.db")
    invoke("atlas", "--db", tmp_path / "again.db", "--out", tmp_path / "site2")
    assert pages(tmp_path / "site") == pages(tmp_path / "site2")


def pages(site: Path) -> dict[str, bytes]:
    """Everything but the list of files, which says of what database they were made."""
    return {name: content for name, content in contents(site).items() if name != ".headatlas-site"}


@pytest.mark.slow
def test_two_models_whose_names_make_one_folder(tmp_path):
    db = fake_database.make(tmp_path / "heads.db", models=("a/b", "a-b"))
    done = invoke("export", "--db", db, "--out", tmp_path / "catalog")
    assert done.stdout.split() == [str(tmp_path / "catalog" / name) for name in ("a-b", "a-b-2")]
    invoke("export", "--db", db, "--out", tmp_path / "catalog")
    assert sorted(path.name for path in (tmp_path / "catalog").iterdir()) == ["a-b", "a-b-2"]


def test_foreign_folder_is_left_alone(db, tmp_path):
    (tmp_path / "catalog" / "other").mkdir(parents=True)
    (tmp_path / "catalog" / "other" / "thesis.txt").write_text("years of work")
    with headatlas.open(db) as catalog, pytest.raises(OutputError, match="holds other files"):
        list(files.export(catalog, tmp_path / "catalog", ["other"]))
    assert "There is no model 'oter'. Did you mean" in invoke("export", "oter", "--db", db).stderr


@pytest.mark.slow
def test_an_export_replaces_and_removes_its_own_files_alone(db, tmp_path):
    out = tmp_path / "catalog"
    folder = out / "other"
    assert invoke("export", "other", "--db", db, "--out", out).exit_code == 0
    own = contents(folder)
    for name in ("my_notes.csv", "thesis.part", "notes.txt"):
        (folder / name).write_text("years of work")
    assert invoke("export", "other", "--db", db, "--out", out, "--no-heatmaps").exit_code == 0
    theirs = dict.fromkeys(("my_notes.csv", "thesis.part", "notes.txt"), b"years of work")
    left = contents(folder)
    assert left.keys() == own.keys() - {"heatmaps.csv"} | theirs.keys()
    assert theirs.items() <= left.items()

    (folder / "README.md").write_text("our card")  # what was ours and no longer is
    (folder / "heatmaps.csv").write_text("our own")
    refused = invoke("export", "other", "--db", db, "--out", out)
    assert refused.exit_code == 1
    assert "was changed since" in refused.stderr
    assert (folder / "README.md").read_text() == "our card"
    assert contents(folder).items() >= (left.items() - {("README.md", left["README.md"])})


@pytest.mark.slow
def test_a_table_that_was_edited_is_not_removed(db, tmp_path):
    invoke("export", "other", "--db", db, "--out", tmp_path)
    (tmp_path / "other" / "heatmaps.csv").write_text("edited")
    assert invoke("export", "other", "--db", db, "--out", tmp_path, "--no-heatmaps").exit_code == 0
    assert (tmp_path / "other" / "heatmaps.csv").read_text() == "edited"


@pytest.mark.slow
def test_folders_of_earlier_versions_have_no_manifest(db, tmp_path):
    invoke("export", "other", "--db", db, "--out", tmp_path)
    first = contents(tmp_path / "other")
    (tmp_path / "other" / ".headatlas-export").unlink()
    (tmp_path / "other" / "my_notes.csv").write_text("years of work")
    assert invoke("export", "other", "--db", db, "--out", tmp_path, "--no-heatmaps").exit_code == 0
    left = contents(tmp_path / "other")
    assert left.keys() == first.keys() - {"heatmaps.csv"} | {"my_notes.csv"}
    assert invoke("export", "other", "--db", db, "--out", tmp_path).exit_code == 0
    assert contents(tmp_path / "other") == first | {"my_notes.csv": b"years of work"}


@pytest.mark.slow
@pytest.mark.parametrize("stop_at", range(1, 4))
def test_an_export_that_was_cut_off_is_taken_up(db, tmp_path, monkeypatch, stop_at):
    """Cut off as by a kill: not even the draft is tidied away."""
    invoke("export", "other", "--db", db, "--out", tmp_path)
    whole = contents(tmp_path / "other")
    calls = []

    def killed(path, content, part=None):
        calls.append(path)
        if len(calls) > stop_at:
            (path.parent / part).write_bytes(content[: len(content) // 2])
            raise KeyboardInterrupt
        write_whole(path, content, part)

    monkeypatch.setattr(own_files, "write_whole", killed)
    with headatlas.open(db) as catalog, pytest.raises(KeyboardInterrupt):
        list(files.export(catalog, tmp_path, ["other"], heatmaps=False))
    monkeypatch.undo()
    assert invoke("export", "other", "--db", db, "--out", tmp_path).exit_code == 0
    assert contents(tmp_path / "other") == whole


@pytest.mark.slow
def test_a_manifest_cannot_name_files_elsewhere(db, tmp_path):
    invoke("export", "other", "--db", db, "--out", tmp_path / "catalog")
    (tmp_path / "thesis.txt").write_text("years of work")
    with (tmp_path / "catalog" / "other" / ".headatlas-export").open("a") as manifest:
        manifest.write(f"../../thesis.txt\t-\n{tmp_path / 'thesis.txt'}\t-\n..\t-\nnotes.txt\t-\n")
    (tmp_path / "catalog" / "other" / "notes.txt").write_text("years of work")
    assert invoke("export", "other", "--db", db, "--out", tmp_path / "catalog").exit_code == 0
    assert (tmp_path / "thesis.txt").read_text() == "years of work"
    assert (tmp_path / "catalog" / "other" / "notes.txt").read_text() == "years of work"


@pytest.mark.slow
def test_an_export_follows_no_link(db, tmp_path):
    """A folder that somebody made could lead to any file of the user's."""
    invoke("export", "other", "--db", db, "--out", tmp_path / "catalog")
    folder = tmp_path / "catalog" / "other"
    (folder / ".headatlas-export").unlink()
    (folder / "scores.csv").unlink()
    (tmp_path / "thesis.txt").write_text("years of work")
    (folder / "scores.csv").symlink_to(tmp_path / "thesis.txt")
    assert "was not written by" in invoke("export", "other", "--db", db, "--out", tmp_path / "catalog").stderr
    assert (tmp_path / "thesis.txt").read_text() == "years of work"


def test_a_page_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    page = tmp_path / "page.html"
    write_page(page, b"<p>the first")
    page.chmod(0o640)
    (tmp_path / "link.html").symlink_to(page)

    def full(self, target):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", full)
        with pytest.raises(OutputError, match="No space left"):
            write_page(page, b"<p>the second")
    assert contents(tmp_path) == {"page.html": b"<p>the first", "link.html": b"<p>the first"}
    write_page(tmp_path / "link.html", b"<p>the second")
    assert (tmp_path / "link.html").is_symlink()
    assert page.read_bytes() == b"<p>the second"
    assert page.stat().st_mode & 0o777 == 0o640
    long = tmp_path / ("x" * 250 + ".html")  # as long as a name may be
    assert write_page(long, b"third") == long
    write_page(Path("/dev/null"), b"gone")
    assert Path("/dev/null").is_char_device()


@pytest.mark.parametrize(
    ("file", "change", "message"),
    [
        ("scan.json", lambda text: text[:100], r"scan\.json is damaged"),
        ("scan.json", lambda text: "[]", "is damaged"),
        ("scan.json", lambda text: text.replace('"format": 1', '"format": 99'), "newer headatlas"),
        ("scan.json", lambda text: text.replace('"L0": 4', '"Q0": 4'), "is not a head"),
        ("scan.json", lambda text: text.replace('"plan"', '"spirit"'), "column 'spirit' of scans"),
        ("scan.json", lambda text: text.replace('"warnings"', '"omens"'), "table 'omens'"),
        ("definitions.json", lambda text: text.replace('"induction"', '"deduction"', 1), "of the patterns listed"),
        ("scores.csv", lambda text: text.replace("L0H0", "L0H99", 1), "column 'head': 'L0H99' is not allowed"),
        ("scores.csv", lambda text: text + "L0H0,induction\n", "cannot be read: a row of another"),
        ("scores.csv", lambda text: text.replace(",900,", ",many,", 1), r"scores\.csv, line \d+ cannot be read"),
        ("scores.csv", lambda text: text.replace("n_queries", "n_questions", 1), "column 'n_questions' of scores"),
        ("scores.csv", lambda text: text.replace('L0H0', '"L0H0', 1), "cannot be read"),
        ("heatmaps.csv", lambda text: text[:-5] + "??\n", "cannot be read"),
    ],
)  # fmt: skip
def test_damaged_folders_are_explained_and_nothing_is_imported(exported, tmp_path, file, change, message):
    folder = shutil.copytree(exported, tmp_path / "other")
    path = folder / file
    before = path.read_text()
    path.write_text(change(before))
    assert path.read_text() != before
    with Store(tmp_path / "new.db") as store:
        with pytest.raises(HeadatlasError, match=message):
            files.import_folder(store, folder)
        for table in ("scans", "heads", "patterns", "scores"):
            assert store.table(table).count == 0


@pytest.mark.slow
def test_unknown_table_and_missing_folder(db, tmp_path):
    invoke("export", "other", "--db", db, "--out", tmp_path / "catalog")
    (tmp_path / "catalog" / "other" / "dreams.csv").write_text("head,dream\nL0H0,sheep\n")
    with Store(tmp_path / "new.db") as store, pytest.raises(HeadatlasError, match="by a newer headatlas"):
        files.import_folder(store, tmp_path / "catalog" / "other")
    assert "holds no exported scan" in invoke("import", tmp_path / "nowhere", "--db", tmp_path / "new.db").stderr
    assert "holds no exported scan" in invoke("atlas", "--catalog", tmp_path / "nowhere").stderr


@pytest.mark.slow
def test_tables_added_later_are_carried(db, tmp_path):
    """Other parts of headatlas store more about heads; it needs no change here."""

    def extend(path):
        connection = sqlite3.connect(path)
        connection.executescript(
            """create table beliefs(id integer primary key, head_id integer references heads(id),
                   probe_id integer references probes(id), creed_id integer references creeds(id),
                   held_by_id integer references heads(id), value float, ranks text);
               create table creeds(id integer primary key, name text, version integer);
               create table journeys(id integer primary key, scan_id integer references scans(id), status text);
               create table steps(journey_id integer references journeys(id), step integer);
               create table unrelated(x integer);"""
        )
        return connection

    with extend(db) as connection:
        connection.execute("insert into creeds values (7, 'x', 1), (8, '', 2), (9, 'of nobody', 1)")
        connection.execute("insert into beliefs(head_id, probe_id, creed_id, value) values (2, 1, 7, 0.123456789)")
        connection.execute("insert into beliefs(head_id, creed_id, held_by_id, ranks) values (1, 8, 3, '[1, 2]')")
        connection.execute("insert into journeys values (1, 2, 'done'), (4, 1, 'done'), (5, 1, 'running')")
        connection.execute("insert into steps values (4, 512), (5, 1)")
    invoke("export", "some/Model", "--db", db, "--out", tmp_path / "catalog")
    folder = tmp_path / "catalog" / "some-model"
    assert (folder / "beliefs.csv").read_text().splitlines() == [
        "head,probe,creed,held_by,value,ranks", 'L0H0,,\\e,L0H2,,"[1, 2]"', "L0H1,repeated_random_tokens,x,,0.123457,"
    ]  # fmt: skip
    assert json.loads((folder / "definitions.json").read_text())["creeds"] == [
        {"name": "", "version": 2}, {"name": "x", "version": 1}
    ]  # fmt: skip
    assert json.loads((folder / "scan.json").read_text())["steps"] == [{"journey": "1", "step": 512}]
    with Store(tmp_path / "new.db"):
        pass
    extend(tmp_path / "new.db").close()
    done = invoke("import", tmp_path / "catalog", "--db", tmp_path / "new.db")
    assert done.exit_code == 0, done.stderr
    new = sqlite3.connect(tmp_path / "new.db")
    rows = new.execute(
        "select head_id, name, held_by_id, value, ranks from beliefs join creeds on creeds.id = creed_id"
    )
    assert list(rows) == [(1, "", 3, None, "[1, 2]"), (2, "x", None, 0.123457, None)]
    assert list(new.execute("select journeys.status, step from steps join journeys on journeys.id = journey_id")) == [
        ("done", 512)
    ]
    invoke("export", "some/Model", "--db", tmp_path / "new.db", "--out", tmp_path / "again")
    assert contents(tmp_path / "again") == contents(tmp_path / "catalog")


@pytest.mark.slow
def test_merge(tmp_path):
    first_db = fake_database.make(tmp_path / "one.db", models=("a", "b"))
    second_db = fake_database.make(tmp_path / "two.db", models=("c",), seed=3)
    both = tmp_path / "both.db"
    done = invoke("merge", both, first_db, second_db)
    assert done.exit_code == 0, done.stderr
    assert done.stderr.splitlines() == ["a: copied", "b: copied", "c: copied"]
    with headatlas.open(both) as merged, headatlas.open(first_db) as first, headatlas.open(second_db) as second:
        for source, model in ((first, "a"), (first, "b"), (second, "c")):
            assert read_record(merged, model) == read_record(source, model)
        assert len(merged.rows("select * from patterns")) == 8
        assert len(merged.rows("select * from profiles")) == 3
    assert invoke("merge", both, first_db).stderr.splitlines() == ["a: already there", "b: already there"]


@pytest.mark.slow
def test_merge_keeps_what_is_there(tmp_path):
    first_db = fake_database.make(tmp_path / "one.db", models=("a",))
    second_db = fake_database.make(tmp_path / "two.db", models=("b", "a"), seed=3)
    with headatlas.open(first_db) as catalog:
        before = read_record(catalog, "a")
    refused = invoke("merge", first_db, second_db)
    assert refused.exit_code == 1
    copied, left, error = refused.stderr.splitlines()
    assert copied == "b: copied"
    assert left.startswith("a: left out. ")
    assert "already holds another scan of 'a'" in left
    assert error.startswith("Error: 1 left out: a. --replace puts")
    skipped = invoke("merge", first_db, second_db, "--skip")
    assert skipped.exit_code == 0
    assert skipped.stderr.splitlines() == ["b: already there", left]
    with headatlas.open(first_db) as catalog, headatlas.open(second_db) as other:
        assert read_record(catalog, "a") == before
        assert read_record(catalog, "b") == read_record(other, "b")
    assert invoke("merge", first_db, second_db, "--skip", "--replace").exit_code == 2
    assert invoke("merge", first_db, second_db, "--replace").exit_code == 0
    with headatlas.open(first_db) as catalog, headatlas.open(second_db) as other:
        assert read_record(catalog, "a") == read_record(other, "a") != before
    missing = invoke("merge", tmp_path / "new.db", first_db, tmp_path / "missing.db")
    assert "There is no database" in missing.stderr
    assert not (tmp_path / "new.db").exists()


def test_card_says_what_was_found(db, tmp_path):
    invoke("export", "some/Model", "--db", db, "--out", tmp_path / "catalog")
    card = (tmp_path / "catalog" / "some-model" / "README.md").read_text()
    assert card.startswith("# some/Model\n")
    assert "| induction | 4 |" in card, "labels of layers 0 and 2 of two kinds of attention"
    assert "A made-up \\<warning\\> & more." in card
    assert "headatlas scan some/Model" in card
    scan = json.loads((tmp_path / "catalog" / "some-model" / "scan.json").read_text())
    assert scan["heads"] == {"L0": 4, "L2": 4, "X0": 4, "X2": 4}


def test_every_table_of_a_scan_is_carried(db):
    """Tables whose rows are deleted with a scan are those that belong to it, by way of others or at once."""
    with headatlas.open(db) as catalog:
        carried = set(layout_of(catalog.connection).tables)
        tables = [row[0] for row in catalog.rows("select name from sqlite_master where type = 'table'")]
        owners = {
            table: {row["table"] for row in catalog.rows(f"pragma foreign_key_list({table})")
                    if row["on_delete"] == "CASCADE"}
            for table in tables
        }  # fmt: skip
    of_a_scan, before = {"scans"}, set()
    while of_a_scan != before:
        before = set(of_a_scan)
        of_a_scan |= {table for table in tables if owners[table] & of_a_scan}
    assert len(of_a_scan) > 15
    assert of_a_scan - carried == {"scans", "heads", "chunks", "profiles"}


@pytest.mark.slow
def test_the_catalogue_of_the_repository_is_what_this_version_writes(catalogue, tmp_path):
    """Reading it back and writing it again changes no byte; a rounding or a column that changed would show here."""
    folders = sorted(path.parent for path in (Path(__file__).parent.parent / "catalog").glob("*/scan.json"))
    assert {"smollm2-135m", "all-minilm-l6-v2"} <= {folder.name for folder in folders}
    invoke("export", "--db", catalogue, "--out", tmp_path / "again")
    for folder in folders:
        for file in folder.iterdir():
            assert (tmp_path / "again" / folder.name / file.name).read_bytes() == file.read_bytes(), file.name


def test_nothing_is_left_of_a_file_that_could_not_be_written(tmp_path):
    (tmp_path / "a.txt").write_text("before")

    def write_half(part: Path) -> None:
        part.write_text("half of")
        raise OSError("the disk is full")

    with pytest.raises(OSError, match="full"), put_in_place(tmp_path / "a.txt") as part:
        write_half(part)
    assert contents(tmp_path) == {"a.txt": b"before"}
    with put_in_place(tmp_path / "a.txt") as part:
        part.write_text("after")
    assert contents(tmp_path) == {"a.txt": b"after"}


def test_a_page_is_not_written_to_a_loop_of_links(db, tmp_path):
    page = tmp_path / "page.html"
    page.symlink_to(page)
    result = invoke("compare", "some/Model", "other", "--db", db, "--html", page)
    assert result.exit_code == 1
    assert "Too many levels of symbolic links" in result.stderr
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []
