import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { kindsQuery } from "../../api/directory";
import { useArea } from "../../app/session";
import { Blank, ErrorBlank, Loading } from "../../shared/Blank";
import { DraftBar } from "./DraftBar";
import { KindRail } from "./KindRail";
import { LeaveGuard } from "./LeaveGuard";
import { useLooking } from "./params";
import { Panel } from "./Panel";
import { Records } from "./Records";
import { Review } from "./Review";
import "./directory.css";
import "./record.css";
import "./review.css";

/** Kinds on the left, their records in the middle, one record on the right. All of it is in the URL. */
export default function Directory() {
  const { t } = useTranslation();
  const { area } = useArea();
  const [looking, look] = useLooking(area.code ? "place" : "unit");
  const kinds = useQuery(kindsQuery(area.code));
  if (kinds.isPending) return <Loading rows={14} />;
  if (kinds.isError && !kinds.data) return <ErrorBlank error={kinds.error} onRetry={() => void kinds.refetch()} />;
  // who looks after the platform belongs to no area, and sees what belongs to none
  const all = (kinds.data ?? []).filter(({ by_area }) => !by_area || area.code);
  const kind = all.find((one) => one.kind === looking.kind);
  const reviewing = looking.mode === "review";
  return (
    <div className="di" data-open={looking.code !== null || looking.mode !== null}>
      <KindRail kinds={all} active={reviewing ? null : looking.kind} />
      {reviewing ? (
        <Review kinds={all} look={look} />
      ) : kind ? (
        <>
          <Records key={kind.kind} kind={kind} looking={looking} look={look} />
          <Panel kinds={all} kind={kind} looking={looking} look={look} />
        </>
      ) : (
        <Blank title={t("dir.no_kind")} text={t("dir.no_kind_text")} testId="directory-no-kind" />
      )}
      {reviewing ? null : <DraftBar look={look} />}
      <LeaveGuard />
    </div>
  );
}
