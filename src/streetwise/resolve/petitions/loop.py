"""The way of a petition after its answer, as one table. Pure.

《信访工作条例》(2022): who does not accept the opinion (处理意见) may ask the next higher organ for
复查 (review), and who does not accept that, the next higher one for 复核 (re-examination); after
that the same facts and reasons are 终结, no longer taken up. An opinion that was revoked is decided
again by us: a new opinion, with which the way begins anew.
"""

from __future__ import annotations

from streetwise.resolve.natures.loop import Line

OPINION, SERVED = "opinion", "served"
REVIEW_ASKED, REVIEW_SENT, REVIEWED = "review_asked", "review_sent", "reviewed"
REEXAM_ASKED, REEXAM_SENT, HEARING = "reexam_asked", "reexam_sent", "hearing"
REDO, ENDED = "redo", "ended"
STATES = (
    OPINION, SERVED, REVIEW_ASKED, REVIEW_SENT, REVIEWED,
    REEXAM_ASKED, REEXAM_SENT, HEARING, REDO, ENDED,
)  # fmt: skip

#: The two stages: 复查 and 复核.
REVIEW, REEXAM = "review", "reexam"
#: What lies with the higher organ, by stage.
OPEN = {
    REVIEW: (REVIEW_ASKED, REVIEW_SENT),
    REEXAM: (REEXAM_ASKED, REEXAM_SENT, HEARING),
}
#: In which nobody has to do anything at present.
AT_REST = (OPINION, SERVED, REVIEWED, ENDED)

#: 维持, 变更; 撤销, 责令重办; 撤回或不予受理 (withdrawn, or not taken up).
UPHELD, CHANGED, REVOKED, ORDERED_ANEW, DROPPED = "upheld", "changed", "revoked", "redo", "dropped"
OUTCOMES = (UPHELD, CHANGED, REVOKED, ORDERED_ANEW, DROPPED)
STANDS = (UPHELD, CHANGED)
ANEW = (REVOKED, ORDERED_ANEW)

_MAY = "order.answer"


def _outcomes(source: str, stands: str, back: str) -> tuple[Line, ...]:
    """How a stage comes out: it ``stands``, it is decided anew, or all is as before (``back``)."""
    entry = "petition.ended" if stands == ENDED else "petition.reviewed"
    found = {
        **dict.fromkeys(STANDS, (stands, entry)),
        **dict.fromkeys(ANEW, (REDO, "petition.revoked")),
        DROPPED: (back, "petition.review_dropped"),
    }
    return tuple(
        Line("outcome", source, target, _MAY, entry, result, needs=("on",))
        for result, (target, entry) in found.items()
    )


LINES: tuple[Line, ...] = (
    Line("serve", OPINION, SERVED, _MAY, "petition.served", needs=("on", "how")),
    # The higher organ may have taken it up although nobody wrote down here that it was served.
    Line("ask", OPINION, REVIEW_ASKED, _MAY, "petition.review_asked", needs=("on", "received")),
    Line("ask", SERVED, REVIEW_ASKED, _MAY, "petition.review_asked", needs=("on", "received")),
    Line("hand_over", REVIEW_ASKED, REVIEW_SENT, _MAY, "petition.file_sent", needs=("on",)),
    *_outcomes(REVIEW_ASKED, REVIEWED, SERVED),
    *_outcomes(REVIEW_SENT, REVIEWED, SERVED),
    Line("ask", REVIEWED, REEXAM_ASKED, _MAY, "petition.reexam_asked", needs=("on", "received")),
    Line("hand_over", REEXAM_ASKED, REEXAM_SENT, _MAY, "petition.file_sent", needs=("on",)),
    Line("hearing", REEXAM_SENT, HEARING, _MAY, "petition.hearing", needs=("on",)),
    Line("hearing_over", HEARING, REEXAM_SENT, _MAY, "petition.hearing_over", needs=("on",)),
    *_outcomes(REEXAM_ASKED, ENDED, REVIEWED),
    *_outcomes(REEXAM_SENT, ENDED, REVIEWED),
    Line("opine", REDO, OPINION, _MAY, "petition.opined", needs=("addressee", "text")),
)
ACTIONS = tuple(dict.fromkeys(line.action for line in LINES))


def stage_of(state: str) -> str | None:
    """Which stage is open in a state; None: none is."""
    return next((stage for stage, states in OPEN.items() if state in states), None)
