import { useQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { similarQuery } from "../../api/answers";
import { problemSentence } from "../../api/problem";
import { Loading, Sentence } from "../../shared/Blank";
import type { Times } from "../../shared/time";
import { marked } from "./Marked";

/** What was answered in cases like this one; one click takes the words over. */
export function Similar({ caseId, times, onTake }: { caseId: string; times: Times; onTake: (text: string) => void }) {
  const { t } = useTranslation();
  const query = useQuery(similarQuery(caseId));
  if (query.error) return <Sentence tone="amber">{problemSentence(t, query.error)}</Sentence>;
  if (!query.data) return <Loading rows={3} />;
  if (query.data.length === 0) return <p className="an-none sw-small sw-quiet" data-testid="similar-none">{t("answers.similar_none")}</p>;
  return (
    <ul className="an-similar" aria-label={t("answers.similar")}>
      {query.data.map((one) => (
        <li key={`${one.case_id}${one.given_at}`} data-testid="similar-answer">
          <div className="sw-small sw-quiet">
            <Link to={`/cases/${one.case_id}`} className="sw-link sw-num">{one.number}</Link> {one.title} <span className="sw-num">{times.stamp(one.given_at)}</span>
            {one.same_class ? ` · ${t("answers.same_class")}` : null}
          </div>
          <p className="an-text">{marked(one.text)}</p>
          <Button size="small" data-testid="similar-take" onClick={() => onTake(one.text)}>{t("answers.take")}</Button>
        </li>
      ))}
    </ul>
  );
}
