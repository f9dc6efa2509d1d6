import { useTranslation } from "react-i18next";
import type { Touch } from "../../api/directory";

/** What refers to a record, in words: "12 cases under way: …". */
export function Touches({ touches }: { touches: Touch[] }) {
  const { t } = useTranslation();
  return (
    <ul className="di-touches">
      {touches.map((touch) => (
        <li key={`${touch.key} ${touch.code}`} data-testid={`touch-${touch.key}`}>
          <span>{t(`dir.touch.${touch.key}`, { count: touch.count, defaultValue: touch.key })}</span>
          {touch.examples.length > 0 ? (
            <span className="sw-small sw-quiet">
              {touch.examples.join(t("common.list"))}{touch.count > touch.examples.length ? " …" : ""}
            </span>
          ) : null}
        </li>
      ))}
    </ul>
  );
}
