import { caseKind, KIND_VAR, SHAPES, type CaseKind, type KindInput } from "./kinds";
import "./map.css";

/** The glyph of the map, for lists and legends. Needs an ancestor with `sw-map` or `sw-map-colors`. */
export function KindGlyph({ kind, size = 16 }: { kind: CaseKind; size?: number }) {
  const shape = SHAPES[kind];
  const own = `var(${KIND_VAR[kind]})`;
  const paper = "var(--map-paper)";
  return (
    <svg className="sw-glyph" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" data-kind={kind}>
      <path
        d={shape.body}
        fill={shape.solid ? own : "none"}
        stroke={own}
        strokeWidth={shape.solid ? 0 : 3.2}
        strokeLinejoin="round"
      />
      {shape.mark ? (
        <path
          d={shape.mark}
          fill="none"
          stroke={shape.solid ? paper : own}
          strokeWidth={kind === "verify" ? 5.5 : 2.8}
          strokeLinecap="round"
          strokeLinejoin="round"
        />
      ) : null}
    </svg>
  );
}

export function CaseGlyph({ item, size }: { item: KindInput; size?: number }) {
  return <KindGlyph kind={caseKind(item)} size={size} />;
}
