"""The matrix against a slow reference that writes the order of importance out."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streetwise.directory.responsibility import ANY, COMMUNITY, Question, Rule, responsible

SCHEMES = st.sampled_from(["um", "req"])
CODES = ["E-01-10", "E-01-11", "E-02-01", "P-01-01"]
RULES = st.lists(
    st.builds(
        Rule,
        scheme=st.sampled_from([ANY, "um", "req"]),
        class_prefix=st.sampled_from([ANY, "E", "E-01", "E-01-10", "P-01"]),
        condition=st.sampled_from([ANY, "1", "2"]),
        where=st.sampled_from([ANY, "c1", "c2", "g1", "g2"]),
        unit=st.sampled_from(["dep1", "dep2", COMMUNITY]),
    ),
    max_size=8,
)
QUESTIONS = st.builds(
    Question,
    scheme=st.none() | SCHEMES,
    class_code=st.none() | st.sampled_from(CODES),
    condition=st.none() | st.sampled_from(["1", "2"]),
    grid=st.none() | st.sampled_from(["g1", "g2"]),
    community=st.none() | st.sampled_from(["c1", "c2"]),
)


def reference(rules: list[Rule], question: Question) -> str | None:
    """Sort what fits by what is said in the module: place, class, condition, order."""
    fitting = []
    for order, rule in enumerate(rules):
        unit = question.community if rule.unit == COMMUNITY else rule.unit
        fits = (
            unit is not None
            and rule.scheme in {ANY, question.scheme}
            and (
                rule.class_prefix == ANY
                or (question.class_code or "").startswith(rule.class_prefix)
            )
            and rule.condition in {ANY, question.condition}
            and (rule.where == ANY or rule.where in {question.grid, question.community})
        )
        if fits:
            place = 0 if rule.where == question.grid else 1 if rule.where != ANY else 2
            length = 0 if rule.class_prefix == ANY else len(rule.class_prefix)
            fitting.append((place, -length, rule.condition == ANY, order, unit))
    return min(fitting)[4] if fitting else None


@given(rules=RULES, question=QUESTIONS)
def test_the_most_specific_rule_wins(rules: list[Rule], question: Question) -> None:
    answer = responsible(rules, question)
    assert (answer.unit if answer else None) == reference(rules, question)
    if answer:
        assert answer.rule in rules
