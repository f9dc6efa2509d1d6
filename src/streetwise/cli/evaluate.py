"""``streetwise eval …``: the engines scored on anybody's labelled data."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import click
from rich.console import Console

from streetwise.cli.common import reported
from streetwise.cli.eval_farrington import eval_farrington
from streetwise.cli.eval_forecast import eval_forecast, eval_hotspots
from streetwise.cli.eval_warn import eval_warn


@click.group("eval")
def evaluate() -> None:
    """Score an engine on your own labelled data."""


evaluate.add_command(eval_warn)
evaluate.add_command(eval_farrington)
evaluate.add_command(eval_forecast)
evaluate.add_command(eval_hotspots)


@evaluate.command("text")
@click.option(
    "--train",
    "train_files",
    required=True,
    multiple=True,
    type=click.Path(path_type=Path),
    help="XLSX or CSV of labelled texts to learn from; may be given several times.",
)
@click.option(
    "--test", "test_file", type=click.Path(path_type=Path), help="Labelled texts to be judged on."
)
@click.option("--text-column", help="Column of the text (default: the usual names).")
@click.option("--label-column", help="Column of the label (default: the usual names).")
@click.option(
    "--cross-validate",
    "folds",
    type=click.IntRange(2, 50),
    help="Instead of --test: in so many parts, near-duplicates in one.",
)
@click.option("--repeats", type=click.IntRange(1, 100), default=1, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_text(
    train_files: tuple[Path, ...],
    test_file: Path | None,
    text_column: str | None,
    label_column: str | None,
    folds: int | None,
    repeats: int,
    as_json: bool,
) -> None:
    """Score the category engine: accuracy, macro-F1, calibration, abstention, confusion."""
    from streetwise.evaluation.text import TextScore, cross_validated, held_out
    from streetwise.evaluation.text_files import read_examples
    from streetwise.evaluation.text_print import print_text_score

    if (test_file is None) == (folds is None):
        raise click.UsageError("Name either --test or --cross-validate.")
    with reported():
        read = [read_examples(path, text_column, label_column) for path in train_files]
        learnt = [one for examples, _ in read for one in examples]
        single: list[TextScore] = []
        if test_file is not None:
            read.append(read_examples(test_file, text_column, label_column))
            reached = held_out(learnt, read[-1][0])
        else:
            assert folds is not None
            reached, single = cross_validated(learnt, folds, repeats)
    if as_json:
        found = reached.as_dict()
        found["files"] = [taken.as_dict() for _, taken in read]
        found["repeats"] = [
            {"accuracy": round(one.accuracy, 4), "macro_f1": round(one.macro_f1, 4)}
            for one in single
        ]
        click.echo(json.dumps(found, ensure_ascii=False))
        return
    told = Console(highlight=False)
    print_text_score(reached, told)
    for _, taken in read:
        told.print(taken.sentence(), soft_wrap=True, markup=False)
    for number, one in enumerate(single, 1):
        told.print(f"repeat {number}: accuracy {one.accuracy:.4f}, macro-F1 {one.macro_f1:.4f}")


@evaluate.command("place")
@click.option(
    "--signals",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: id, title, text[, place_text, lon, lat].",
)
@click.option(
    "--truth",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV: id, place (a code of the gazetteer)[, errors, kind].",
)
@click.option(
    "--places",
    required=True,
    type=click.Path(path_type=Path),
    help="A street's folder, or its places.csv.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_place(signals: Path, truth: Path, places: Path, as_json: bool) -> None:
    """Score the finding of places in texts: by kind, by error, and how well sureness fits."""
    from streetwise.evaluation.place import print_score, read_known, read_places, score

    with reported():
        known_places = read_places(places)
        reached = score(read_known(signals, truth, known_places), known_places)
    if as_json:
        click.echo(json.dumps(reached.as_dict(), ensure_ascii=False))
    else:
        print_score(reached, Console(highlight=False))


@evaluate.command("merge")
@click.option(
    "--signals",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV or XLSX: id, at, title, text and, where there, lon, lat, channel, refers_to.",
)
@click.option("--truth", type=click.Path(path_type=Path), help="CSV of id, problem.")
@click.option("--pairs", type=click.Path(path_type=Path), help="CSV of a, b, verdict instead.")
@click.option("--places", type=click.Path(path_type=Path), help="A street's places.csv.")
@click.option(
    "--overlap-hours",
    type=float,
    help="True problems of one class and place that follow so soon count as one.",
)
@click.option(
    "--learn-share",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.0,
    help="The earliest share teaches the class engine its true classes, and is not judged.",
)
@click.option("--leave-out", multiple=True, help="A true place whose signals are not judged.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_merge(
    signals: Path,
    truth: Path | None,
    pairs: Path | None,
    places: Path | None,
    overlap_hours: float | None,
    learn_share: float,
    leave_out: tuple[str, ...],
    as_json: bool,
) -> None:
    """Score the joining of signals: pairwise and B-cubed precision, recall and f1."""
    from streetwise.evaluation import merge, merge_files, merge_telling

    if (truth is None) == (pairs is None):
        raise click.UsageError("Name either --truth or --pairs.")
    told = Console(highlight=False)
    reached: merge.GroupScore | merge.PairScore
    with reported():
        known = merge_files.read_places(places) if places else []
        read = merge_files.read_signals(signals)
        if pairs is not None:
            reached = merge.score_pairs(read, merge_files.read_pairs(pairs), known)
        else:
            assert truth is not None
            slack = None if overlap_hours is None else timedelta(hours=overlap_hours)
            truths = merge_files.read_truth(truth)
            judged, guess = merge.after_learning(read, truths, learn_share, leave_out)
            reached = merge.score_groups(judged, truths, known, guess=guess, overlap=slack)
    if as_json:
        click.echo(json.dumps(reached.as_dict(), ensure_ascii=False))
    else:
        merge_telling.tell(reached, told)


@evaluate.command("redact")
@click.option(
    "--truth",
    required=True,
    type=click.Path(path_type=Path),
    help="CSV with a column `text`, spans marked as {name:王女士}.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_redact(truth: Path, as_json: bool) -> None:
    """Score masking: precision, recall and f1 by kind, and each mistake."""
    from streetwise.evaluation.redact import print_score, read_truth, score

    with reported():
        reached = score(read_truth(truth))
    if as_json:
        click.echo(json.dumps(reached.as_dict(), ensure_ascii=False))
    else:
        print_score(reached, Console(highlight=False))


@evaluate.command("detect")
@click.option("--images", required=True, type=click.Path(path_type=Path), help="Folder.")
@click.option(
    "--labels", required=True, type=click.Path(path_type=Path), help="Folder of YOLO label files."
)
@click.option("--model", help="Which added model (default: the only one).")
@click.option(
    "--names",
    type=click.Path(path_type=Path),
    help="The labels' classes in order, a line each or a data.yaml; default: the one that lies with"
    " the labels, or else the model's own.",
)
@click.option("--threads", type=click.IntRange(1, 64), default=2, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def eval_detect(
    images: Path, labels: Path, model: str | None, names: Path | None, threads: int, as_json: bool
) -> None:
    """Score a detector on labelled pictures: map50, and precision, recall, f1 by class."""
    from dataclasses import replace

    from streetwise.discover.detectors.registry import Registry
    from streetwise.evaluation import detect
    from streetwise.kernel.settings import Settings

    with reported():
        registry = Registry(Settings().models_path)
        detector = registry.open(model or registry.only(), threads=threads)
        card = detector.card
        known = detect.class_names(names, labels, card.classes)
        material = detect.read_material(images, labels, known)
        reached = detect.score(detect.judge(detector, material), card.classes, card.score)
        reached = replace(reached, labels_without_image=material.labels_without_image)
    if as_json:
        click.echo(detect.as_json(reached))
    else:
        detect.tell(reached, Console(highlight=False))
